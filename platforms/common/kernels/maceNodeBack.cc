// The reverse of the node kernel of a layer: from the adjoints of the features after the layer
// to those of its messages, and of its input as far as the self-connection goes. "Adjoint" of a
// quantity is dE/d(quantity).

KERNEL void nodeBack(GLOBAL const int* RESTRICT species, GLOBAL const real* RESTRICT a,
        GLOBAL const real* RESTRICT h, GLOBAL const real* RESTRICT upAdjoint,
        GLOBAL const real* RESTRICT reverseWeights, GLOBAL const int4* RESTRICT trie,
        GLOBAL const real* RESTRICT coefficients, GLOBAL const real* RESTRICT readout,
        GLOBAL real* RESTRICT adjoint, GLOBAL real* RESTRICT inputAdjoint,
        GLOBAL real* RESTRICT aAdjoint, GLOBAL real* RESTRICT messageAdjoint,
        GLOBAL const real* RESTRICT divisors, GLOBAL real* RESTRICT divisorAdjoints,
        GLOBAL const int* RESTRICT status) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL real x[NUM_LM*GROUP], xAdjoint[NUM_LM*GROUP], units[NUM_UNITS];
    LOCAL mixed sums[GROUP];
    for (int atom = GROUP_ID; atom < numAtoms; atom += NUM_GROUPS) {
        const int ownSpecies = species[atom];
        UNITS
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
            START
        }
        SYNC_THREADS;
        mixed energy = 0;
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
            SKIP
            for (int i = 0; i < NUM_LM; i++) {
                x[i*GROUP+LOCAL_ID] = a[(atom*NUM_LM+i)*CHANNELS+k];
                xAdjoint[i*GROUP+LOCAL_ID] = 0;
            }
            GLOBAL const real* RESTRICT c = coefficients+ownSpecies*NUM_NODES*CHANNELS+k;
            PRODUCT
#ifdef DENSITY
            const real inverse = 1/divisors[atom];
            for (int i = 0; i < NUM_LM; i++)
                energy += x[i*GROUP+LOCAL_ID]*xAdjoint[i*GROUP+LOCAL_ID];
#else
            const real inverse = 1;
#endif
            for (int i = 0; i < NUM_LM; i++)
                aAdjoint[(atom*NUM_LM+i)*CHANNELS+k] = inverse*xAdjoint[i*GROUP+LOCAL_ID];
        }
#ifdef DENSITY
        SUM_UP
        if (LOCAL_ID == 0)
            divisorAdjoints[atom] = -energy/divisors[atom];
#endif
        SYNC_THREADS;
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
            MESSAGES
        }
        SYNC_THREADS;
    }
}
