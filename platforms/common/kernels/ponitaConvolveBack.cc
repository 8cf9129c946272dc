// The reverse of the convolution, gathered at the senders: one work-group for an atom and an
// orientation, which looks at the edges from itself to its neighbors.

KERNEL void convolveBack(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const real4* RESTRICT directions, GLOBAL const real* RESTRICT basisWeights,
        GLOBAL const real* RESTRICT kernelWeights, GLOBAL const real* RESTRICT features,
        GLOBAL const real* RESTRICT resultAdjoint, GLOBAL real* RESTRICT featureAdjoint,
        GLOBAL real4* RESTRICT gradients, int firstDirection) {
    const int numRows = status[ATOM_COUNT]*ORIENTATIONS, capacity = status[CAPACITY];
    LOCAL real monomials[TILE*NUM_MONOMIALS], legendre[TILE*BANDS], inner[TILE*HIDDEN], hidden[TILE*HIDDEN];
    LOCAL real outer[TILE*BANDS*BASIS], basis[TILE*BASIS], windows[TILE], windowSlopes[TILE];
    LOCAL real monomialAdjoint[TILE*NUM_MONOMIALS], kernelAdjoint[TILE*CHANNELS], basisAdjoint[TILE*BASIS], legendreAdjoint[TILE*BANDS];
    LOCAL int rows[TILE];
    for (int row = GROUP_ID; row < numRows; row += NUM_GROUPS) {
        const int atom = row/ORIENTATIONS, orientation = row-atom*ORIENTATIONS;
        const int count = edgeCounts[atom], first = atom*capacity;
        const real4 direction = directions[firstDirection+orientation];
#ifdef FEATURE_ADJOINTS
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE)
            featureAdjoint[row*CHANNELS+k] += kernelWeights[SELF_AT+k]*resultAdjoint[row*CHANNELS+k];
#endif
        for (int start = 0; start < count; start += TILE) {
            const int n = min(TILE, count-start);
            SYNC_THREADS;
            if (LOCAL_ID < n) {
                const real4 edge = edges[first+start+LOCAL_ID];
                real slope;
                windows[LOCAL_ID] = makeWindow(edge.w, &slope);
                windowSlopes[LOCAL_ID] = slope;
                rows[LOCAL_ID] = senders[first+start+LOCAL_ID]*ORIENTATIONS+orientation;
                makePair(make_real4(edge.w*edge.x, edge.w*edge.y, edge.w*edge.z, edge.w), direction,
                        &monomials[LOCAL_ID*NUM_MONOMIALS], &legendre[LOCAL_ID*BANDS]);
            }
            SYNC_THREADS;
MAKE_BASIS
            for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
                const real own = features[(OWN_ROW)*CHANNELS+k];
#ifdef FEATURE_ADJOINTS
                real sums[TILE];
                multiply(sums, 0, kernelWeights+k, BASIS, CHANNELS, basis);
                real sum = 0;
#endif
                for (int e = 0; e < n; e++) {
                    const real adjoint = resultAdjoint[rows[e]*CHANNELS+k];
                    kernelAdjoint[e*CHANNELS+k] = own*adjoint;
#ifdef FEATURE_ADJOINTS
                    sum += windows[e]*sums[e]*adjoint;
#endif
                }
#ifdef FEATURE_ADJOINTS
                featureAdjoint[row*CHANNELS+k] += sum;
#endif
            }
            SYNC_THREADS;
            // Of the basis, without the window.
            for (int b = LOCAL_ID; b < BASIS; b += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, 0, kernelWeights+KERNEL_BACK_AT+b, CHANNELS, BASIS, kernelAdjoint);
                for (int e = 0; e < n; e++)
                    basisAdjoint[e*BASIS+b] = sums[e];
            }
            SYNC_THREADS;
            for (int e = LOCAL_ID; e < n; e += LOCAL_SIZE) {
                real sum = 0;
                for (int b = 0; b < BASIS; b++)
                    sum += basis[e*BASIS+b]*basisAdjoint[e*BASIS+b];
                windowSlopes[e] *= sum;
            }
#ifdef BANDED
            for (int i = LOCAL_ID; i < n*BANDS; i += LOCAL_SIZE) {
                real sum = 0;
                for (int b = 0; b < BASIS; b++)
                    sum += outer[i*BASIS+b]*basisAdjoint[i/BANDS*BASIS+b];
                legendreAdjoint[i] = windows[i/BANDS]*sum;
            }
#endif
            SYNC_THREADS;
            for (int i = LOCAL_ID; i < n*BANDS*BASIS; i += LOCAL_SIZE) {
                const int e = i/(BANDS*BASIS), rest = i-e*BANDS*BASIS, l = rest/BASIS, b = rest-l*BASIS;
#ifdef BANDED
                outer[i] = windows[e]*legendre[e*BANDS+l]*basisAdjoint[e*BASIS+b];
#else
                outer[i] = windows[e]*geluSlope(outer[i])*basisAdjoint[e*BASIS+b];
#endif
            }
            SYNC_THREADS;
            for (int unit = LOCAL_ID; unit < HIDDEN; unit += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, 0, basisWeights+OUTER_BACK_AT+unit, BANDS*BASIS, HIDDEN, outer);
                for (int e = 0; e < n; e++)
                    hidden[e*HIDDEN+unit] = geluSlope(inner[e*HIDDEN+unit])*sums[e];
            }
            SYNC_THREADS;
            for (int i = LOCAL_ID; i < n*NUM_MONOMIALS; i += LOCAL_SIZE) {
                const int e = i/NUM_MONOMIALS, m = i-e*NUM_MONOMIALS;
                real sum = 0;
                for (int c = 0; c < HIDDEN; c++)
                    sum += basisWeights[INNER_AT+m*HIDDEN+c]*hidden[e*HIDDEN+c];
                monomialAdjoint[i] = sum;
            }
            SYNC_THREADS;
            if (LOCAL_ID < n) {
                const int entry = (first+start+LOCAL_ID)*ORIENTATIONS+orientation;
                const real4 edge = edges[first+start+LOCAL_ID];
                const real4 v = make_real4(edge.w*edge.x, edge.w*edge.y, edge.w*edge.z, edge.w);
                const real4 byV = pullBackPair(v, direction, &monomials[LOCAL_ID*NUM_MONOMIALS],
                        &monomialAdjoint[LOCAL_ID*NUM_MONOMIALS], &legendre[LOCAL_ID*BANDS],
                        &legendreAdjoint[LOCAL_ID*BANDS]);
                const real along = windowSlopes[LOCAL_ID];
                real4 gradient = gradients[entry];
                gradient.x -= byV.x+along*edge.x;
                gradient.y -= byV.y+along*edge.y;
                gradient.z -= byV.z+along*edge.z;
                gradients[entry] = gradient;
            }
        }
    }
}
