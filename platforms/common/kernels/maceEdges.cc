// What the convolutions of MACE need of a few edges at a time, in local memory.

/**
 * Real harmonics with polar axis y without their normalization (that is in the couplings), and with
 * MACE_DERIVATIVES their derivatives along two tangents, as engine/src/kernels/Edges.cpp has them.
 */
DEVICE inline void makeHarmonics(real4 n, LOCAL_ARG real* RESTRICT harmonics
#ifdef MACE_DERIVATIVES
        , real4 t1, real4 t2
#endif
        ) {
    real previous[MAX_ELL+1], column[MAX_ELL+1];
    // From the highest m on, since derivatives need the column of m+1.
    for (int l = 0; l <= MAX_ELL; l++)
        previous[l] = 0;
    for (int m = MAX_ELL; m >= 0; m--) {
        real re = 1, im = 0, re1 = 0, im1 = 0, diagonal = 1;
        for (int i = 1; i <= m; i++) {
            re1 = re;
            im1 = im;
            re = re1*n.z-im1*n.x;
            im = re1*n.x+im1*n.z;
            diagonal *= 2*i-1;
        }
        for (int l = 0; l <= MAX_ELL; l++) {
            if (l < m)
                column[l] = 0;
            else if (l == m)
                column[l] = diagonal;
            else if (l == m+1)
                column[l] = (2*m+1)*n.y*diagonal;
            else
                column[l] = ((2*l-1)*n.y*column[l-1]-(l+m-1)*column[l-2])/(l-m);
            if (l >= m) {
                const int plus = l*l+l+m, minus = l*l+l-m;
                harmonics[minus] = column[l]*im;
                harmonics[plus] = column[l]*re;
#ifdef MACE_DERIVATIVES
                const real factor = m*column[l];
                const real slope1 = previous[l]*t1.y, slope2 = previous[l]*t2.y;
                harmonics[NUM_LM+minus] = slope1*im+factor*(im1*t1.z+re1*t1.x);
                harmonics[2*NUM_LM+minus] = slope2*im+factor*(im1*t2.z+re1*t2.x);
                harmonics[NUM_LM+plus] = slope1*re+factor*(re1*t1.z-im1*t1.x);
                harmonics[2*NUM_LM+plus] = slope2*re+factor*(re1*t2.z-im1*t2.x);
#endif
            }
        }
        for (int l = 0; l <= MAX_ELL; l++)
            previous[l] = column[l];
    }
}

#ifdef MACE_DERIVATIVES
/**
 * Two unit vectors normal to n and to each other (T. Duff et al., JCGT 6(1), 2017).
 */
DEVICE inline void makeTangents(real4 n, real4* t1, real4* t2) {
    const real sign = n.z < 0 ? -1 : 1;
    const real a = -1/(sign+n.z), b = n.x*n.y*a;
    *t1 = make_real4(1+sign*n.x*n.x*a, sign*b, -sign*n.x, 0);
    *t2 = make_real4(b, sign+n.y*n.y*a, -n.y, 0);
}
#endif

/**
 * The couplings of some rows of harmonics, each a sum over harmonics; all threads take part.
 */
DEVICE inline void makeCouplings(int rows, int firstTarget, int numTargets, GLOBAL const int* RESTRICT targetFirst,
        GLOBAL const int* RESTRICT targetHarmonic, GLOBAL const real* RESTRICT targetValue,
        LOCAL_ARG const real* RESTRICT harmonics, LOCAL_ARG real* RESTRICT couplings) {
    for (int i = LOCAL_ID; i < rows*numTargets; i += LOCAL_SIZE) {
        const int row = i/numTargets, target = i-row*numTargets;
        real value = 0;
        for (int j = targetFirst[firstTarget+target]; j < targetFirst[firstTarget+target+1]; j++)
            value += targetValue[j]*harmonics[row*NUM_LM+targetHarmonic[j]];
        couplings[row*MAX_TARGETS+target] = value;
    }
}
