// What the kernels of PONITA share (docs/theory/ponita.md).

DEVICE inline real gelu(real x) {
    return x*(1+ERF(x*(real) 0.70710678118654752))/2;
}

DEVICE inline real geluSlope(real x) {
    return (1+ERF(x*(real) 0.70710678118654752))/2+x*EXP(-x*x/2)*(real) 0.39894228040143268;
}

/**
 * Sets the sums to a column of a matrix times each of TILE rows of x, numIn numbers long, plus
 * `start`. Rows that are not in use give sums that nobody reads.
 */
DEVICE inline void multiply(real* RESTRICT sums, real start, GLOBAL const real* RESTRICT column, int numIn, int numOut,
        LOCAL_ARG const real* RESTRICT x) {
    for (int r = 0; r < TILE; r++)
        sums[r] = start;
    #pragma unroll 4
    for (int c = 0; c < numIn; c++) {
        const real w = column[c*numOut];
        for (int r = 0; r < TILE; r++)
            sums[r] += w*x[r*numIn+c];
    }
}

DEVICE inline real sumOfParts(LOCAL_ARG const real* RESTRICT parts) {
    real sum = 0;
    for (int i = 0; i < SUM_PARTS; i++)
        sum += parts[i];
    return sum;
}
