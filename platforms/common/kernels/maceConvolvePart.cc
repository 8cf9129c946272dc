        if (part == PART)
            for (int base = 0; base < CHANNELS; base += LOCAL_SIZE) {
                const int k = base+LOCAL_ID;
                DECLARE_MESSAGES
                for (int start = 0; start < count; start += EDGE_TILE) {
                    const int n = min(EDGE_TILE, count-start);
                    SYNC_THREADS;
                    if (LOCAL_ID < n) {
                        const real4 edge = edges[first+start+LOCAL_ID];
                        const int sender = senders[first+start+LOCAL_ID];
                        const real position = edge.w*INVERSE_SPACING;
                        const int interval = min((int) position, NUM_INTERVALS-1);
                        const int pair = pairs[ownSpecies*NUM_SPECIES+species[sender]];
                        knots[LOCAL_ID] = (pair*NUM_FUNCTIONS*NUM_KNOTS+interval)*CHANNELS;
                        rows[LOCAL_ID] = FEATURE_ROW*FEATURE_ROWS*CHANNELS;
                        makeHarmonics(edge, &harmonics[LOCAL_ID*NUM_LM]);
                        makeWeights(position-interval, &weights[LOCAL_ID*6]);
                    }
                    SYNC_THREADS;
                    for (int i = LOCAL_ID; i < n*NUM_TARGETS; i += LOCAL_SIZE) {
                        const int e = i/NUM_TARGETS, target = i-e*NUM_TARGETS;
                        real value = 0;
                        for (int j = targetFirst[FIRST_TARGET+target]; j < targetFirst[FIRST_TARGET+target+1]; j++)
                            value += targetValue[j]*harmonics[e*NUM_LM+targetHarmonic[j]];
                        couplings[e*MAX_TARGETS+target] = value;
                    }
                    SYNC_THREADS;
                    if (k < CHANNELS)
                        for (int e = 0; e < n; e++) {
                            GLOBAL const real* RESTRICT h = features+rows[e]+k;
                            GLOBAL const real* RESTRICT t = table+knots[e]+k;
                            const int c = e*MAX_TARGETS, w = e*6;
                            ADD_PATHS
                        }
                }
                if (k < CHANNELS) {
                    GLOBAL real* RESTRICT out = messages+atom*MESSAGE_ROWS*CHANNELS+k;
                    STORE_MESSAGES
                }
            }
