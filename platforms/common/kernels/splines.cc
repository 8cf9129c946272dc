/**
 * The uniform B-splines of a degree up to 5 that do not vanish on a knot interval, at position u
 * (0 to 1) in it.
 */
DEVICE inline void makeBSplines(real u, int degree, real* b) {
    b[0] = 1;
    for (int k = 1; k <= degree; k++) {
        const real scale = 1/(real) k;
        b[k] = scale*u*b[k-1];
        for (int j = k-1; j > 0; j--)
            b[j] = scale*((u+k-j)*b[j-1]+(j+1-u)*b[j]);
        b[0] = scale*(1-u)*b[0];
    }
}
