// The reverse of the convolution of a layer, gathered at the senders: one work-group for an
// atom, which looks at the edges from itself to its neighbors. The words in capitals: MaceSource.cpp.

KERNEL void gather(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const int* RESTRICT pairs, GLOBAL const real* RESTRICT table,
        GLOBAL const int* RESTRICT targetFirst, GLOBAL const int* RESTRICT targetHarmonic,
        GLOBAL const real* RESTRICT targetValue, GLOBAL const real* RESTRICT features,
        GLOBAL const real* RESTRICT messageAdjoints, GLOBAL real* RESTRICT featureAdjoints,
        GLOBAL const real* RESTRICT density, GLOBAL const real* RESTRICT divisorAdjoints,
        GLOBAL real4* RESTRICT gradients) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL real harmonics[EDGE_TILE*3*NUM_LM], couplings[EDGE_TILE*3*MAX_TARGETS], weights[EDGE_TILE*WEIGHT_STRIDE];
    DECLARE_HIDDEN
    LOCAL real sums[EDGE_TILE*3*GROUP], partSums[EDGE_TILE*3*SUM_PARTS];
    LOCAL int knots[EDGE_TILE], rows[EDGE_TILE];
    const int capacity = status[CAPACITY];
    for (int atom = GROUP_ID; atom < numAtoms; atom += NUM_GROUPS) {
        const int count = edgeCounts[atom], first = atom*capacity;
        const int ownSpecies = species[atom];
        for (int base = 0; base < CHANNELS; base += LOCAL_SIZE) {
            const int k = base+LOCAL_ID;
            GLOBAL const real* RESTRICT h = features+FEATURE_ROW*FEATURE_ROWS*CHANNELS+min(k, CHANNELS-1);
            LOAD_FEATURES
            for (int start = 0; start < count; start += EDGE_TILE) {
                const int n = min(EDGE_TILE, count-start);
                SYNC_THREADS;
                if (LOCAL_ID < n) {
                    const real4 edge = edges[first+start+LOCAL_ID];
                    const int neighbor = senders[first+start+LOCAL_ID];
                    const int pair = pairs[ownSpecies*NUM_SPECIES+species[neighbor]];
                    knots[LOCAL_ID] = makeRadial(edge.w, pair, table, &RADIAL_START[LOCAL_ID*WEIGHT_STRIDE]);
                    rows[LOCAL_ID] = neighbor*MESSAGE_ROWS*CHANNELS;
                    const real4 direction = make_real4(-edge.x, -edge.y, -edge.z, 0);
                    real4 t1, t2;
                    makeTangents(direction, &t1, &t2);
                    makeHarmonics(direction, &harmonics[LOCAL_ID*3*NUM_LM], t1, t2);
                }
                SYNC_THREADS;
HIDDEN_LAYERS
PARTS
                for (int i = LOCAL_ID; i < 3*n*SUM_PARTS; i += LOCAL_SIZE) {
                    const int row = i/SUM_PARTS;
                    real sum = 0;
                    for (int j = i-row*SUM_PARTS; j < GROUP; j += SUM_PARTS)
                        sum += sums[row*GROUP+j];
                    partSums[i] = sum;
                }
                SYNC_THREADS;
                if (LOCAL_ID < n) {
                    real sum[3];
                    for (int i = 0; i < 3; i++) {
                        sum[i] = 0;
                        for (int j = 0; j < SUM_PARTS; j++)
                            sum[i] += partSums[(3*LOCAL_ID+i)*SUM_PARTS+j];
                    }
                    const real4 edge = edges[first+start+LOCAL_ID];
                    const real4 direction = make_real4(-edge.x, -edge.y, -edge.z, 0);
                    real4 t1, t2;
                    makeTangents(direction, &t1, &t2);
#ifdef DENSITY
                    if (base == 0) {
                        const int neighbor = senders[first+start+LOCAL_ID];
                        const int pair = pairs[ownSpecies*NUM_SPECIES+species[neighbor]];
                        sum[0] += divisorAdjoints[neighbor]*densitySlope(edge.w, pair, density);
                    }
#endif
                    const real inverse = RECIP(edge.w);
                    const real s1 = sum[1]*inverse, s2 = sum[2]*inverse;
                    real4 gradient = gradients[first+start+LOCAL_ID];
                    gradient.x += sum[0]*direction.x+s1*t1.x+s2*t2.x;
                    gradient.y += sum[0]*direction.y+s1*t1.y+s2*t2.y;
                    gradient.z += sum[0]*direction.z+s1*t1.z+s2*t2.z;
                    gradients[first+start+LOCAL_ID] = gradient;
                }
            }
#ifdef FEATURE_ADJOINTS
            if (k < CHANNELS) {
                GLOBAL real* RESTRICT out = featureAdjoints+atom*FEATURE_ROWS*CHANNELS+k;
                STORE_ADJOINTS
            }
#endif
        }
    }
}
