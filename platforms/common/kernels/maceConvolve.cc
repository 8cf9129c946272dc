// Messages of layer LAYER: one work-group for an atom and a part of the messages, one thread a
// channel. Definitions: DeviceMace.cpp.

KERNEL void convolve(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const int* RESTRICT pairs, GLOBAL const real* RESTRICT table,
        GLOBAL const int* RESTRICT targetFirst, GLOBAL const int* RESTRICT targetHarmonic,
        GLOBAL const real* RESTRICT targetValue, GLOBAL const real* RESTRICT features,
        GLOBAL real* RESTRICT messages) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL real harmonics[EDGE_TILE*NUM_LM], couplings[EDGE_TILE*MAX_TARGETS], weights[EDGE_TILE*6];
    LOCAL int knots[EDGE_TILE], rows[EDGE_TILE];
    const int capacity = status[CAPACITY];
    for (int work = GROUP_ID; work < numAtoms*NUM_PARTS; work += NUM_GROUPS) {
        const int atom = work/NUM_PARTS, part = work-atom*NUM_PARTS;
        const int count = edgeCounts[atom], first = atom*capacity;
        const int ownSpecies = species[atom];
PARTS
    }
}
