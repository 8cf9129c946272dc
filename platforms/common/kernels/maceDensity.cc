// The density function of a pair of elements: splines like those of the radial functions.

DEVICE inline real densityValue(real r, int pair, GLOBAL const real* RESTRICT density) {
    const real position = r*DENSITY_INVERSE_SPACING;
    const int interval = min((int) position, DENSITY_INTERVALS-1);
    GLOBAL const real* knots = density+pair*DENSITY_KNOTS+interval;
    real b[6], value = 0;
    makeBSplines(position-interval, 5, b);
    for (int j = 0; j <= 5; j++)
        value += b[j]*knots[j];
    return value;
}

DEVICE inline real densitySlope(real r, int pair, GLOBAL const real* RESTRICT density) {
    const real position = r*DENSITY_INVERSE_SPACING;
    const int interval = min((int) position, DENSITY_INTERVALS-1);
    GLOBAL const real* knots = density+pair*DENSITY_KNOTS+interval;
    real b[6], value = 0;
    makeBSplines(position-interval, 4, b);
    for (int j = 0; j <= 4; j++)
        value += b[j]*(knots[j+1]-knots[j]);
    return DENSITY_INVERSE_SPACING*value;
}
