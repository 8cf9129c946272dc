// The density function of a pair of elements. `density` holds its weights and the basis' constants.

DEVICE inline real evaluateDensity(real r, int pair, GLOBAL const real* RESTRICT density, real* RESTRICT slope) {
    real values[NUM_BASIS], slopes[NUM_BASIS], x = 0, xSlope = 0;
    makeBasis(r, pair, density+NUM_BASIS, values, slopes);
    for (int n = 0; n < NUM_BASIS; n++) {
        x += density[n]*values[n];
        xSlope += density[n]*slopes[n];
    }
    const real value = tanh(x*x);
    *slope = (1-value*value)*2*x*xSlope;
#ifdef APPLY_CUTOFF
    return value;
#else
    real cutoffSlope;
    const real cutoff = polynomialCutoff(r, INVERSE_CUTOFF, CUTOFF_POWER, &cutoffSlope);
    *slope = *slope*cutoff+value*cutoffSlope;
    return value*cutoff;
#endif
}

DEVICE inline real densityValue(real r, int pair, GLOBAL const real* RESTRICT density) {
    real slope;
    return evaluateDensity(r, pair, density, &slope);
}

DEVICE inline real densitySlope(real r, int pair, GLOBAL const real* RESTRICT density) {
    real slope;
    evaluateDensity(r, pair, density, &slope);
    return slope;
}
