/**
 * What the radial functions of an edge are sums of: the quintic B-splines of a knot interval, and
 * with MACE_DERIVATIVES their derivatives by the distance. Returns where the table's coefficients
 * for them begin.
 */
DEVICE inline int makeRadial(real r, int pair, GLOBAL const real* RESTRICT table, LOCAL_ARG real* RESTRICT weights) {
    const real position = r*INVERSE_SPACING;
    const int interval = min((int) position, NUM_INTERVALS-1);
    const real u = position-interval;
    real b[NUM_WEIGHTS];
#ifdef MACE_DERIVATIVES
    makeBSplines(u, 4, b);
    for (int j = 0; j <= 5; j++)
        weights[NUM_WEIGHTS+j] = INVERSE_SPACING*((j > 0 ? b[j-1] : 0)-(j < 5 ? b[j] : 0));
#endif
    makeBSplines(u, 5, b);
    for (int j = 0; j <= 5; j++)
        weights[j] = b[j];
    return (pair*NUM_FUNCTIONS*NUM_KNOTS+interval)*CHANNELS;
}
