// From the adjoints of all convolutions' results through their kernels to the pairs' displacements
// and orientations: one work-group for a row, as the receiver of its pairs and, in a point cloud,
// then as their sender.

KERNEL void differentiate(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const real4* RESTRICT directions, GLOBAL const real* RESTRICT basisWeights,
        GLOBAL const real* RESTRICT kernels, GLOBAL const real* RESTRICT embedding,
        GLOBAL const real* RESTRICT features, GLOBAL const real* RESTRICT resultAdjoints,
        GLOBAL real4* RESTRICT gradients, int firstDirection) {
    const int capacity = status[CAPACITY], rowsPerAtom = ROWS_PER_ATOM, numRows = status[ATOM_COUNT]*rowsPerAtom;
    const size_t layerSize = (size_t) numRows*CHANNELS;
    LOCAL real monomials[TILE*NUM_MONOMIALS], legendre[TILE*BANDS], inner[TILE*HIDDEN], hidden[TILE*HIDDEN];
    LOCAL real outer[TILE*BANDS*BASIS], basis[TILE*BASIS], windows[TILE], windowAdjoints[TILE];
    LOCAL real monomialAdjoint[TILE*NUM_MONOMIALS], kernelAdjoint[NUM_LAYERS*TILE*CHANNELS], basisAdjoint[TILE*BASIS], legendreAdjoint[TILE*BANDS];
    LOCAL real4 vectors[TILE]; // dE/dv
#ifdef CLOUD
    LOCAL real4 byOwn[TILE]; // parts of dE/d(orientation) and dE/d(envelope) of the row
#endif
    LOCAL int rows[TILE], elements[TILE], entries[TILE];
    for (int row = GROUP_ID; row < numRows; row += NUM_GROUPS) {
        const int atom = row/rowsPerAtom, place = row-atom*rowsPerAtom, first = atom*capacity;
#ifdef CLOUD
        const int count = edgeCounts[atom];
        if (place >= count)
            continue;
#endif
        const int numPairs = countPairs(edgeCounts, senders, atom, first), numTiles = (numPairs+TILE-1)/TILE;
        const real4 own = OWN_ORIENTATION;
#ifdef CLOUD
        for (int e = LOCAL_ID; e < count; e += LOCAL_SIZE)
            gradients[(first+e)*rowsPerAtom+place] = make_real4(0, 0, 0, 0);
        if (LOCAL_ID < TILE)
            byOwn[LOCAL_ID] = make_real4(0, 0, 0, 0);
#endif
        for (int tile = 0; tile < NUM_ROLES*numTiles; tile++) {
            const int isSender = tile >= numTiles, start = (tile-isSender*numTiles)*TILE, n = min(TILE, numPairs-start);
            SYNC_THREADS;
            if (LOCAL_ID < n) {
                const PairEnd other = findPair(start+LOCAL_ID, place, edgeCounts, senders, atom, first, rowsPerAtom);
                const Pair pair = makePair(edges, other.entry, other.row, own, isSender);
                windows[LOCAL_ID] = pair.window*pair.envelope;
                rows[LOCAL_ID] = other.row;
                elements[LOCAL_ID] = species[other.atom];
                entries[LOCAL_ID] = other.entry;
                makeMonomials(pair, &monomials[LOCAL_ID*NUM_MONOMIALS], &legendre[LOCAL_ID*BANDS]);
            }
            SYNC_THREADS;
MAKE_BASIS
            // All layers at once: PoCL 3.1 leaves out what follows a barrier in a loop over them.
            for (int i = LOCAL_ID; i < NUM_LAYERS*CHANNELS; i += LOCAL_SIZE) {
                const int t = i/CHANNELS, k = i-t*CHANNELS;
                GLOBAL const real* const x = t == 0 ? embedding : features+(t-1)*layerSize;
                GLOBAL const real* const y = resultAdjoints+t*layerSize;
                const real fixed = isSender ? x[(t == 0 ? species[atom] : row)*CHANNELS+k] : y[row*CHANNELS+k];
                for (int e = 0; e < n; e++)
                    kernelAdjoint[(t*TILE+e)*CHANNELS+k] = fixed*(isSender ? y[rows[e]*CHANNELS+k]
                            : x[(t == 0 ? elements[e] : rows[e])*CHANNELS+k]);
            }
            SYNC_THREADS;
            // Of the basis, without the window.
            for (int b = LOCAL_ID; b < BASIS; b += LOCAL_SIZE) {
                real sums[TILE], layerSums[TILE];
                for (int e = 0; e < TILE; e++)
                    sums[e] = 0;
                for (int t = 0; t < NUM_LAYERS; t++) {
                    multiply(layerSums, 0, kernels+t*KERNEL_SIZE+KERNEL_BACK_AT+b, CHANNELS, BASIS, &kernelAdjoint[t*TILE*CHANNELS]);
                    for (int e = 0; e < TILE; e++)
                        sums[e] += layerSums[e];
                }
                for (int e = 0; e < n; e++)
                    basisAdjoint[e*BASIS+b] = sums[e];
            }
            SYNC_THREADS;
            for (int e = LOCAL_ID; e < n; e += LOCAL_SIZE) {
                real sum = 0;
                for (int b = 0; b < BASIS; b++)
                    sum += basis[e*BASIS+b]*basisAdjoint[e*BASIS+b];
                windowAdjoints[e] = sum;
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
                const int entry = entries[LOCAL_ID];
                const Pair pair = makePair(edges, entry, rows[LOCAL_ID], own, isSender);
                real4 byOrientation;
                real4 byV = pullBackPair(pair, &monomials[LOCAL_ID*NUM_MONOMIALS],
                        &monomialAdjoint[LOCAL_ID*NUM_MONOMIALS], &legendre[LOCAL_ID*BANDS],
                        &legendreAdjoint[LOCAL_ID*BANDS], isSender, &byOrientation);
                if (entry >= 0) {
                    const real along = windowAdjoints[LOCAL_ID]*pair.envelope*pair.windowSlope/pair.v.w;
                    byV.x += along*pair.v.x;
                    byV.y += along*pair.v.y;
                    byV.z += along*pair.v.z;
                }
                vectors[LOCAL_ID] = byV;
#ifdef CLOUD
                byOwn[LOCAL_ID].x += byOrientation.x;
                byOwn[LOCAL_ID].y += byOrientation.y;
                byOwn[LOCAL_ID].z += byOrientation.z;
                if (isSender)
                    byOwn[LOCAL_ID].w += windowAdjoints[LOCAL_ID]*pair.window;
#endif
            }
            SYNC_THREADS;
            // The first of an edge's pairs adds up all of them.
            const int entry = LOCAL_ID < n ? entries[LOCAL_ID] : -1;
            if (!isSender && entry >= 0 && (LOCAL_ID == 0 || entries[LOCAL_ID-1] != entry)) {
                real4 sum = gradients[entry*rowsPerAtom+place];
                for (int e = LOCAL_ID; e < n && entries[e] == entry; e++) {
                    sum.x += vectors[e].x;
                    sum.y += vectors[e].y;
                    sum.z += vectors[e].z;
                }
                gradients[entry*rowsPerAtom+place] = sum;
            }
        }
#ifdef CLOUD
        SYNC_THREADS;
        if (LOCAL_ID == 0) {
            real4 by = byOwn[0];
            for (int e = 1; e < TILE; e++) {
                by.x += byOwn[e].x;
                by.y += byOwn[e].y;
                by.z += byOwn[e].z;
                by.w += byOwn[e].w;
            }
            real slope;
            makeEnvelope(own.w, &slope);
            const real scale = 1/own.w, along = by.w*slope-scale*project(by, own);
            real4 sum = gradients[row*rowsPerAtom+place];
            sum.x += scale*by.x+along*own.x;
            sum.y += scale*by.y+along*own.y;
            sum.z += scale*by.z+along*own.z;
            gradients[row*rowsPerAtom+place] = sum;
        }
        SYNC_THREADS;
#endif
    }
}
