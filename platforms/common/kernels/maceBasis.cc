// Distances without tables, as models/src/RadialBasis.cpp has them: transform and basis.

/**
 * The basis functions and their derivatives. `constants` holds the basis' own numbers and then the
 * sums of the two radii of each pair of elements.
 */
DEVICE inline void makeBasis(real r, int pair, GLOBAL const real* RESTRICT constants, real* RESTRICT values,
        real* RESTRICT slopes) {
    real d = r, scale = 1;
#if defined(AGNESI_A)
    const real toReduced = 2/constants[NUM_BASIS+pair], rho = r*toReduced;
    const real power = POW(rho, (real) (AGNESI_Q-AGNESI_P)), ratio = AGNESI_A*POW(rho, (real) AGNESI_Q)/(1+power);
    d = 1/(1+ratio);
    scale = -d*d*toReduced*(ratio/rho*(AGNESI_Q-(AGNESI_Q-AGNESI_P)*power/(1+power)));
#elif defined(SOFT_ALPHA)
    const real sum = constants[NUM_BASIS+pair], start = (real) 0.75*sum, end = 4*sum/3;
    const real steepness = SOFT_ALPHA/(end-start), t = tanh(steepness*(r-(start+end)/2));
    d = start+(r-start)*(1+t)/2;
    scale = (1+t)/2+(r-start)*(1-t*t)*steepness/2;
#endif
#if defined(BESSEL)
    for (int n = 0; n < NUM_BASIS; n++) {
        const real w = constants[n], sine = SIN(w*d)/d;
        values[n] = BASIS_COEFFICIENT*sine;
        slopes[n] = BASIS_COEFFICIENT*(w*COS(w*d)-sine)/d;
    }
#elif defined(GAUSSIAN)
    for (int n = 0; n < NUM_BASIS; n++) {
        const real x = d-constants[n];
        values[n] = EXP(BASIS_COEFFICIENT*x*x);
        slopes[n] = 2*BASIS_COEFFICIENT*x*values[n];
    }
#else // Chebyshev
    real before = 1, now = d, slopeBefore = 0, slopeNow = 1;
    for (int n = 0; n < NUM_BASIS; n++) {
        values[n] = now;
        slopes[n] = slopeNow;
        const real next = 2*d*now-before, slopeNext = 2*now+2*d*slopeNow-slopeBefore;
        before = now;
        slopeBefore = slopeNow;
        now = next;
        slopeNow = slopeNext;
    }
#endif
    real cutoffSlope = 0, cutoff = 1;
#ifdef APPLY_CUTOFF
    cutoff = polynomialCutoff(r, INVERSE_CUTOFF, CUTOFF_POWER, &cutoffSlope);
#endif
    for (int n = 0; n < NUM_BASIS; n++) {
        slopes[n] = scale*slopes[n]*cutoff+values[n]*cutoffSlope;
        values[n] *= cutoff;
    }
}
