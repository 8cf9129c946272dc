/**
 * The inputs of the radial network for an edge, and with MACE_DERIVATIVES their derivatives by the
 * distance. What the radial functions are sums of is the output of its last hidden layer; the
 * coefficients are the last matrix, the same for all pairs.
 */
DEVICE inline int makeRadial(real r, int pair, GLOBAL const real* RESTRICT table, LOCAL_ARG real* RESTRICT weights) {
    real values[NUM_BASIS], slopes[NUM_BASIS];
    makeBasis(r, pair, table+BASIS_CONSTANTS, values, slopes);
    for (int n = 0; n < NUM_BASIS; n++) {
        weights[n] = values[n];
#ifdef MACE_DERIVATIVES
        weights[NUM_WEIGHTS+n] = slopes[n];
#endif
    }
    return 0;
}
