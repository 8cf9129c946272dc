// The convolution over neighbors: one work-group for an atom and an orientation.

KERNEL void convolve(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const real4* RESTRICT directions, GLOBAL const real* RESTRICT basisWeights,
        GLOBAL const real* RESTRICT kernelWeights, GLOBAL const real* RESTRICT features, GLOBAL real* RESTRICT result,
        int firstDirection) {
    const int numRows = status[ATOM_COUNT]*ORIENTATIONS, capacity = status[CAPACITY];
    LOCAL real monomials[TILE*NUM_MONOMIALS], legendre[TILE*BANDS], inner[TILE*HIDDEN], hidden[TILE*HIDDEN];
    LOCAL real outer[TILE*BANDS*BASIS], basis[TILE*BASIS], windows[TILE];
    LOCAL int rows[TILE];
    for (int row = GROUP_ID; row < numRows; row += NUM_GROUPS) {
        const int atom = row/ORIENTATIONS, orientation = row-atom*ORIENTATIONS;
        const int count = edgeCounts[atom], first = atom*capacity;
        const real4 direction = directions[firstDirection+orientation];
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE)
            result[row*CHANNELS+k] = kernelWeights[SELF_AT+k]*features[(OWN_ROW)*CHANNELS+k];
        for (int start = 0; start < count; start += TILE) {
            const int n = min(TILE, count-start);
            SYNC_THREADS;
            if (LOCAL_ID < n) {
                const real4 edge = edges[first+start+LOCAL_ID];
                const int sender = senders[first+start+LOCAL_ID];
                real slope;
                windows[LOCAL_ID] = makeWindow(edge.w, &slope);
                rows[LOCAL_ID] = SENDER_ROW;
                makePair(make_real4(-edge.w*edge.x, -edge.w*edge.y, -edge.w*edge.z, edge.w), direction,
                        &monomials[LOCAL_ID*NUM_MONOMIALS], &legendre[LOCAL_ID*BANDS]);
            }
            SYNC_THREADS;
MAKE_BASIS
            for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
                real sums[TILE];
                multiply(sums, 0, kernelWeights+k, BASIS, CHANNELS, basis);
                real sum = 0;
                for (int e = 0; e < n; e++)
                    sum += windows[e]*sums[e]*features[rows[e]*CHANNELS+k];
                result[row*CHANNELS+k] += sum;
            }
        }
    }
}
