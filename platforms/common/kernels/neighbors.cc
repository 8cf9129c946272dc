// Positions, the neighbor list and the edges of a step. Atoms are those of the force in the order of
// the network; lengths are in Å. `status` is laid out in DeviceEdges.cpp.

/**
 * Collects the positions and looks whether the neighbor list still serves.
 */
KERNEL void gatherPositions(GLOBAL const real4* RESTRICT posq,
#ifdef USE_MIXED_PRECISION
        GLOBAL const real4* RESTRICT posqCorrection,
#endif
        GLOBAL const int* RESTRICT slots, GLOBAL mixed4* RESTRICT positions,
        GLOBAL const mixed4* RESTRICT builtPositions, GLOBAL int* RESTRICT status, int mustRebuild) {
    const int numAtoms = status[ATOM_COUNT];
    for (int i = GLOBAL_ID; i < numAtoms; i += GLOBAL_SIZE) {
        const real4 p = posq[slots[i]];
#ifdef USE_MIXED_PRECISION
        const real4 c = posqCorrection[slots[i]];
        const mixed4 x = make_mixed4(10*((mixed) p.x+(mixed) c.x), 10*((mixed) p.y+(mixed) c.y), 10*((mixed) p.z+(mixed) c.z), 0);
#else
        const mixed4 x = make_mixed4(10*(mixed) p.x, 10*(mixed) p.y, 10*(mixed) p.z, 0);
#endif
        positions[i] = x;
        const mixed largest = (mixed) 1e30f;
        if (!(x.x > -largest && x.x < largest && x.y > -largest && x.y < largest && x.z > -largest && x.z < largest))
            status[NOT_FINITE] = i+1;
        const mixed4 built = builtPositions[i];
        const mixed dx = x.x-built.x, dy = x.y-built.y, dz = x.z-built.z;
        if (!(dx*dx+dy*dy+dz*dz <= MAX_SQUARED_MOVE))
            status[REBUILD] = 1;
    }
    if (GLOBAL_ID == 0 && mustRebuild)
        status[REBUILD] = 1;
}

/**
 * Finds all pairs within the cutoff and the skin, images included. Those of a receiver are in
 * ascending order of sender and shift, whatever the list was before.
 */
KERNEL void findNeighbors(GLOBAL const mixed4* RESTRICT positions, GLOBAL mixed4* RESTRICT builtPositions,
        GLOBAL int4* RESTRICT neighbors, GLOBAL int* RESTRICT neighborCounts, GLOBAL int* RESTRICT status,
        mixed4 boxA, mixed4 boxB, mixed4 boxC, mixed4 inverseX, mixed4 inverseY, mixed4 inverseZ, mixed4 reach) {
    const int numAtoms = status[ATOM_COUNT];
    if (!status[REBUILD])
        return;
    const int capacity = status[CAPACITY];
    for (int i = GLOBAL_ID; i < numAtoms; i += GLOBAL_SIZE) {
        const mixed4 x = positions[i];
        builtPositions[i] = x;
        int count = 0;
        for (int j = 0; j < numAtoms; j++) {
            const mixed4 y = positions[j];
            const mixed dx = x.x-y.x, dy = x.y-y.y, dz = x.z-y.z;
#ifdef PERIODIC
            // Fractional coordinates; `reach` is the range over the box's heights.
            const mixed fa = dx*inverseX.x+dy*inverseY.x+dz*inverseZ.x;
            const mixed fb = dx*inverseX.y+dy*inverseY.y+dz*inverseZ.y;
            const mixed fc = dx*inverseX.z+dy*inverseY.z+dz*inverseZ.z;
            if (!(fa*fa+fb*fb+fc*fc < 1e12f))
                continue;
            const int a1 = (int) floor(reach.x-fa), b1 = (int) floor(reach.y-fb), c1 = (int) floor(reach.z-fc);
            for (int a = (int) ceil(-reach.x-fa); a <= a1; a++)
                for (int b = (int) ceil(-reach.y-fb); b <= b1; b++)
                    for (int c = (int) ceil(-reach.z-fc); c <= c1; c++) {
                        if (i == j && a == 0 && b == 0 && c == 0)
                            continue;
                        const mixed sx = dx+a*boxA.x+b*boxB.x+c*boxC.x;
                        const mixed sy = dy+a*boxA.y+b*boxB.y+c*boxC.y;
                        const mixed sz = dz+a*boxA.z+b*boxB.z+c*boxC.z;
                        if (!(sx*sx+sy*sy+sz*sz < SQUARED_RANGE))
                            continue;
                        if (count < capacity)
                            neighbors[i*capacity+count] = make_int4(j, a, b, c);
                        count++;
                    }
#else
            if (i == j || !(dx*dx+dy*dy+dz*dz < SQUARED_RANGE))
                continue;
            if (count < capacity)
                neighbors[i*capacity+count] = make_int4(j, 0, 0, 0);
            count++;
#endif
        }
        neighborCounts[i] = count;
        if (count > capacity)
            status[OVERFLOW] = 1;
    }
    if (GLOBAL_ID == 0)
        status[NUM_REBUILDS]++;
}

/**
 * Takes the pairs within the cutoff from the list, in its order. An edge is the unit vector from
 * sender to receiver and the distance.
 */
KERNEL void makeEdges(GLOBAL const mixed4* RESTRICT positions, GLOBAL const int4* RESTRICT neighbors,
        GLOBAL const int* RESTRICT neighborCounts, GLOBAL int* RESTRICT edgeCounts, GLOBAL int* RESTRICT senders,
        GLOBAL real4* RESTRICT edges, GLOBAL real4* RESTRICT gradients, GLOBAL int* RESTRICT status,
        mixed4 boxA, mixed4 boxB, mixed4 boxC) {
    const int numAtoms = status[ATOM_COUNT];
    LOCAL int kept[EDGE_GROUP];
    const int capacity = status[CAPACITY];
    for (int i = GROUP_ID; i < numAtoms; i += NUM_GROUPS) {
        const int total = min(neighborCounts[i], capacity);
        const mixed4 x = positions[i];
        int count = 0;
        for (int start = 0; start < total; start += EDGE_GROUP) {
            const int n = start+LOCAL_ID;
            int keep = 0, sender = 0;
            real4 edge = make_real4(0, 0, 0, 0);
            if (n < total) {
                const int4 neighbor = neighbors[i*capacity+n];
                sender = neighbor.x;
                const mixed4 y = positions[sender];
                const mixed dx = (x.x-y.x)+(neighbor.y*boxA.x+neighbor.z*boxB.x+neighbor.w*boxC.x);
                const mixed dy = (x.y-y.y)+(neighbor.y*boxA.y+neighbor.z*boxB.y+neighbor.w*boxC.y);
                const mixed dz = (x.z-y.z)+(neighbor.y*boxA.z+neighbor.z*boxB.z+neighbor.w*boxC.z);
                const mixed squared = dx*dx+dy*dy+dz*dz;
                if (squared < SQUARED_CUTOFF) {
                    const mixed r = sqrt(squared);
                    keep = 1;
                    edge = make_real4((real) (dx/r), (real) (dy/r), (real) (dz/r), (real) r);
                    if (r < CLOSEST_APPROACH) {
                        status[COINCIDENT] = i+1;
                        status[COINCIDENT_WITH] = sender+1;
                    }
#ifdef PLANAR
                    if (dz != 0) {
                        status[NOT_PLANAR] = i+1;
                        status[NOT_PLANAR_WITH] = sender+1;
                    }
#endif
                }
            }
            kept[LOCAL_ID] = keep;
            SYNC_THREADS;
            int before = 0, all = 0;
            for (int t = 0; t < EDGE_GROUP; t++) {
                if (t < LOCAL_ID)
                    before += kept[t];
                all += kept[t];
            }
            if (keep) {
                const int e = i*capacity+count+before;
                senders[e] = sender;
                edges[e] = edge;
                for (int part = 0; part < PARTS; part++)
                    gradients[e*PARTS+part] = make_real4(0, 0, 0, 0);
            }
            count += all;
            SYNC_THREADS;
        }
        if (LOCAL_ID == 0)
            edgeCounts[i] = count;
    }
}

/**
 * Adds energies and, if they are wanted, forces to those of the Context. The gradient of an entry is
 * dE/d(displacement) of the edge from atom i to the atom that the entry calls sender, so that it
 * pushes the two apart. Fixed-point sums do not depend on their order. Afterwards `status` is ready
 * for the next evaluation.
 */
KERNEL void addToContext(GLOBAL const mixed* RESTRICT atomEnergies, GLOBAL mixed* RESTRICT energyBuffer,
#ifdef HAS_DERIVATIVE
        GLOBAL mixed* RESTRICT energyParamDerivs, mixed isolatedEnergy,
#endif
        GLOBAL const int* RESTRICT edgeCounts, GLOBAL const int* RESTRICT senders,
        GLOBAL const real4* RESTRICT gradients, GLOBAL int* RESTRICT status, GLOBAL const int* RESTRICT slots,
        GLOBAL mm_ulong* RESTRICT forceBuffers, int paddedNumAtoms, mixed scale, int withForces) {
    const int numAtoms = status[ATOM_COUNT];
    const int capacity = status[CAPACITY];
    mixed sum = 0;
    for (int i = GLOBAL_ID; i < numAtoms*PARTS; i += GLOBAL_SIZE)
        sum += atomEnergies[i];
    sum *= KILOJOULES_PER_ELECTRON_VOLT;
    energyBuffer[GLOBAL_ID] += scale*sum;
#ifdef HAS_DERIVATIVE
    energyParamDerivs[GLOBAL_ID*NUM_DERIVATIVES+DERIVATIVE] += sum+(GLOBAL_ID == 0 ? isolatedEnergy : 0);
#endif
    if (GLOBAL_ID == 0)
        for (int i = 0; i < NUM_FLAGS; i++)
            status[i] = 0;
    if (!withForces)
        return;
    const mixed factor = scale*FORCE_UNIT;
    for (int i = GROUP_ID; i < numAtoms; i += NUM_GROUPS)
        for (int n = LOCAL_ID; n < edgeCounts[i]; n += LOCAL_SIZE) {
            real4 gradient = gradients[(i*capacity+n)*PARTS];
            for (int part = 1; part < PARTS; part++) {
                const real4 other = gradients[(i*capacity+n)*PARTS+part];
                gradient.x += other.x;
                gradient.y += other.y;
                gradient.z += other.z;
            }
            const int from = slots[i], to = slots[senders[i*capacity+n]];
            const mm_ulong fx = (mm_ulong) realToFixedPoint(factor*gradient.x);
            const mm_ulong fy = (mm_ulong) realToFixedPoint(factor*gradient.y);
            const mm_ulong fz = (mm_ulong) realToFixedPoint(factor*gradient.z);
            ATOMIC_ADD(&forceBuffers[from], fx);
            ATOMIC_ADD(&forceBuffers[from+paddedNumAtoms], fy);
            ATOMIC_ADD(&forceBuffers[from+2*paddedNumAtoms], fz);
            ATOMIC_ADD(&forceBuffers[to], -fx);
            ATOMIC_ADD(&forceBuffers[to+paddedNumAtoms], -fy);
            ATOMIC_ADD(&forceBuffers[to+2*paddedNumAtoms], -fz);
        }
}
