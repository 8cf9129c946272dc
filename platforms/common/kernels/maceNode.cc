// What an atom does for itself in a layer, forward: mixes its messages, takes the product,
// makes the features of the next layer and its part of the energy. One work-group an atom, one
// thread a channel. The words in capitals: MaceSource.cpp.

KERNEL void node(GLOBAL const int* RESTRICT species, GLOBAL const real* RESTRICT messages,
        GLOBAL const real* RESTRICT weights, GLOBAL const int4* RESTRICT trie,
        GLOBAL const real* RESTRICT coefficients, GLOBAL const real* RESTRICT readout,
        GLOBAL const real* RESTRICT input, GLOBAL real* RESTRICT a, GLOBAL real* RESTRICT b,
        GLOBAL real* RESTRICT h, GLOBAL real* RESTRICT up, GLOBAL mixed* RESTRICT atomEnergies,
        GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status,
        GLOBAL const int* RESTRICT pairs, GLOBAL const real* RESTRICT density,
        GLOBAL real* RESTRICT divisors, mixed shift) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL real x[NUM_LM*GROUP];
    LOCAL mixed sums[GROUP];
    for (int atom = GROUP_ID; atom < numAtoms; atom += NUM_GROUPS) {
        const int ownSpecies = species[atom];
        real inverse = 1;
#ifdef DENSITY
        {
            const int first = atom*status[CAPACITY];
            real divisor = 1;
            for (int n = first; n < first+edgeCounts[atom]; n++)
                divisor += densityValue(edges[n].w, pairs[ownSpecies*NUM_SPECIES+species[senders[n]]], density);
            inverse = 1/divisor;
            if (LOCAL_ID == 0)
                divisors[atom] = divisor;
        }
#endif
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
            MIX
            GLOBAL const real* RESTRICT c = coefficients+ownSpecies*NUM_NODES*CHANNELS+k;
            PRODUCT
        }
        SYNC_THREADS;
        for (int k = LOCAL_ID; k < CHANNELS; k += LOCAL_SIZE) {
            FEATURES
        }
        SYNC_THREADS;
        mixed energy = 0;
        READOUT
        if (LOCAL_ID == 0)
            atomEnergies[atom] = energy+(START_ENERGY);
        UP
        SYNC_THREADS;
    }
}
