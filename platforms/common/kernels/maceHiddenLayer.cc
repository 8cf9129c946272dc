                    for (int i = LOCAL_ID; i < n*NUM_OUT; i += LOCAL_SIZE) {
                        const int e = i/NUM_OUT, unit = i-e*NUM_OUT;
                        GLOBAL const real* RESTRICT m = table+FIRST_WEIGHT+unit;
                        LOCAL_ARG const real* RESTRICT in = FROM+e*WEIGHT_STRIDE;
                        real s = 0;
                        for (int j = 0; j < NUM_IN; j++)
                            s += m[j*NUM_OUT]*in[j];
                        TO[e*WEIGHT_STRIDE+unit] = ACTIVATION;
#ifdef MACE_DERIVATIVES
                        real slope = 0;
                        for (int j = 0; j < NUM_IN; j++)
                            slope += m[j*NUM_OUT]*in[NUM_WEIGHTS+j];
                        TO[e*WEIGHT_STRIDE+NUM_WEIGHTS+unit] = slope*(ACTIVATED_SLOPE);
#endif
                    }
                    SYNC_THREADS;
