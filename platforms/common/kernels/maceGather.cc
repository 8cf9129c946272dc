// The reverse of the convolution of layer LAYER, gathered at the senders: one work-group for an
// atom, which looks at the edges from itself to its neighbors. Definitions: DeviceMace.cpp.

KERNEL void gather(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const int* RESTRICT pairs, GLOBAL const real* RESTRICT table,
        GLOBAL const int* RESTRICT targetFirst, GLOBAL const int* RESTRICT targetHarmonic,
        GLOBAL const real* RESTRICT targetValue, GLOBAL const real* RESTRICT features,
        GLOBAL const real* RESTRICT messageAdjoints, GLOBAL real* RESTRICT featureAdjoints,
        GLOBAL const real* RESTRICT density, GLOBAL const real* RESTRICT divisorAdjoints,
        GLOBAL real4* RESTRICT gradients) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL real harmonics[EDGE_TILE*3*NUM_LM], couplings[EDGE_TILE*3*NUM_TARGETS], weights[EDGE_TILE*12];
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
                    const real position = edge.w*INVERSE_SPACING;
                    const int interval = min((int) position, NUM_INTERVALS-1);
                    const int pair = pairs[ownSpecies*NUM_SPECIES+species[neighbor]];
                    knots[LOCAL_ID] = (pair*NUM_FUNCTIONS*NUM_KNOTS+interval)*CHANNELS;
                    rows[LOCAL_ID] = neighbor*MESSAGE_ROWS*CHANNELS;
                    const real4 direction = make_real4(-edge.x, -edge.y, -edge.z, 0);
                    real4 t1, t2;
                    makeTangents(direction, &t1, &t2);
                    makeHarmonics(direction, &harmonics[LOCAL_ID*3*NUM_LM], t1, t2);
                    makeWeights(position-interval, &weights[LOCAL_ID*12]);
                }
                SYNC_THREADS;
                for (int i = LOCAL_ID; i < n*3*NUM_TARGETS; i += LOCAL_SIZE) {
                    const int row = i/NUM_TARGETS, target = i-row*NUM_TARGETS;
                    real value = 0;
                    for (int j = targetFirst[target]; j < targetFirst[target+1]; j++)
                        value += targetValue[j]*harmonics[row*NUM_LM+targetHarmonic[j]];
                    couplings[i] = value;
                }
                SYNC_THREADS;
                for (int e = 0; e < n; e++) {
                    real radial = 0, tangent1 = 0, tangent2 = 0;
                    if (k < CHANNELS) {
                        GLOBAL const real* RESTRICT a = messageAdjoints+rows[e]+k;
                        GLOBAL const real* RESTRICT t = table+knots[e]+k;
                        const int c = e*3*NUM_TARGETS, w = e*12;
                        ADD_PATHS
                    }
                    sums[(3*e)*GROUP+LOCAL_ID] = radial;
                    sums[(3*e+1)*GROUP+LOCAL_ID] = tangent1;
                    sums[(3*e+2)*GROUP+LOCAL_ID] = tangent2;
                }
                SYNC_THREADS;
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
