// Messages of a layer: one work-group for an atom and a part of the messages, one thread a
// channel. The words in capitals: MaceSource.cpp.

KERNEL void convolve(GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT edges, GLOBAL const int* RESTRICT status, GLOBAL const int* RESTRICT species,
        GLOBAL const int* RESTRICT pairs, GLOBAL const real* RESTRICT table,
        GLOBAL const int* RESTRICT targetFirst, GLOBAL const int* RESTRICT targetHarmonic,
        GLOBAL const real* RESTRICT targetValue, GLOBAL const real* RESTRICT features,
        GLOBAL real* RESTRICT messages) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL real harmonics[EDGE_TILE*NUM_LM], couplings[EDGE_TILE*MAX_TARGETS], weights[EDGE_TILE*WEIGHT_STRIDE];
    DECLARE_HIDDEN
    LOCAL int knots[EDGE_TILE], rows[EDGE_TILE];
    const int capacity = status[CAPACITY];
    for (int work = GROUP_ID; work < numAtoms*NUM_PARTS; work += NUM_GROUPS) {
        const int atom = work/NUM_PARTS, part = work-atom*NUM_PARTS;
        const int count = edgeCounts[atom], first = atom*capacity;
        const int ownSpecies = species[atom];
        int firstTarget = 0, numTargets = 0, firstRow = 0, numRows = 0;
        CHOOSE_PART
        for (int base = 0; base < CHANNELS; base += LOCAL_SIZE) {
            const int k = base+LOCAL_ID;
            DECLARE_MESSAGES
            for (int start = 0; start < count; start += EDGE_TILE) {
                const int n = min(EDGE_TILE, count-start);
                SYNC_THREADS;
                if (LOCAL_ID < n) {
                    const real4 edge = edges[first+start+LOCAL_ID];
                    const int sender = senders[first+start+LOCAL_ID];
                    const int pair = pairs[ownSpecies*NUM_SPECIES+species[sender]];
                    knots[LOCAL_ID] = makeRadial(edge.w, pair, table, &RADIAL_START[LOCAL_ID*WEIGHT_STRIDE]);
                    rows[LOCAL_ID] = FEATURE_ROW*FEATURE_ROWS*CHANNELS;
                    makeHarmonics(edge, &harmonics[LOCAL_ID*NUM_LM]);
                }
                SYNC_THREADS;
HIDDEN_LAYERS
                makeCouplings(n, firstTarget, numTargets, targetFirst, targetHarmonic, targetValue, harmonics, couplings);
                SYNC_THREADS;
                for (int e = 0; e < n && k < CHANNELS; e++) {
                    GLOBAL const real* RESTRICT h = features+rows[e]+k;
                    GLOBAL const real* RESTRICT t = table+knots[e]+k;
                    const int c = e*MAX_TARGETS, w = e*WEIGHT_STRIDE;
                    PARTS
                }
            }
            if (k < CHANNELS) {
                GLOBAL real* RESTRICT out = messages+(atom*MESSAGE_ROWS+firstRow)*CHANNELS+k;
                STORE_MESSAGES
            }
        }
    }
}
