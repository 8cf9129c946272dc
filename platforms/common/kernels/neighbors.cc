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
        GLOBAL const mixed4* RESTRICT builtPositions, GLOBAL int* RESTRICT status) {
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
        const mixed squaredMove = dx*dx+dy*dy+dz*dz;
        if (!(squaredMove <= AGED_SQUARED_MOVE))
            status[AGED] = 1;
        if (!(squaredMove <= MAX_SQUARED_MOVE))
            status[STALE] = 1;
    }
}

/**
 * Fractional coordinates, each in two parts: of the box, and how many boxes away. `inverse` has the
 * rows of the inverse matrix of the box vectors; without periodic boundaries it is that of a box
 * that serves as a hash function.
 */
typedef struct {
    mixed x, y, z;
    int a, b, c;
} Fraction;

DEVICE Fraction findFraction(mixed4 p, mixed4 inverseX, mixed4 inverseY, mixed4 inverseZ) {
    const mixed x = p.x*inverseX.x+p.y*inverseY.x+p.z*inverseZ.x;
    const mixed y = p.x*inverseX.y+p.y*inverseY.y+p.z*inverseZ.y;
    const mixed z = p.x*inverseX.z+p.y*inverseY.z+p.z*inverseZ.z;
    const mixed a = floor(x), b = floor(y), c = floor(z);
    // Farther away nothing can be told about a position; the list then has no pairs with it.
    const mixed most = (mixed) 1e6f;
    Fraction result;
    result.x = x-a;
    result.y = y-b;
    result.z = z-c;
    result.a = (int) min(max(a, -most), most);
    result.b = (int) min(max(b, -most), most);
    result.c = (int) min(max(c, -most), most);
    return result;
}

DEVICE int findCell(Fraction f, int4 numCells) {
    // The bounds hold for positions that are not finite, too.
    const int x = min(max((int) (f.x*numCells.x), 0), numCells.x-1);
    const int y = min(max((int) (f.y*numCells.y), 0), numCells.y-1);
    const int z = min(max((int) (f.z*numCells.z), 0), numCells.z-1);
    return (x*numCells.y+y)*numCells.z+z;
}

/**
 * Sorts atoms by cell, in one work-group. Cell c then has the places from cellEnds[c-1] to
 * cellEnds[c] of `atoms`, in no particular order.
 */
KERNEL void sortIntoCells(GLOBAL const mixed4* RESTRICT positions, GLOBAL mixed4* RESTRICT builtPositions,
        GLOBAL int* RESTRICT cellEnds, GLOBAL int* RESTRICT atoms, GLOBAL const int* RESTRICT status,
        int4 numCells, mixed4 inverseX, mixed4 inverseY, mixed4 inverseZ) {
    LOCAL int sums[CELL_GROUP];
    const int numAtoms = status[ATOM_COUNT];
    const int total = numCells.x*numCells.y*numCells.z;
    for (int c = LOCAL_ID; c < total; c += CELL_GROUP)
        cellEnds[c] = 0;
    MEM_FENCE;
    SYNC_THREADS;
    for (int i = LOCAL_ID; i < numAtoms; i += CELL_GROUP) {
        const mixed4 x = positions[i];
        builtPositions[i] = x;
        ATOMIC_ADD(&cellEnds[findCell(findFraction(x, inverseX, inverseY, inverseZ), numCells)], 1);
    }
    MEM_FENCE;
    SYNC_THREADS;
    const int chunk = (total+CELL_GROUP-1)/CELL_GROUP;
    const int first = LOCAL_ID*chunk, last = min(first+chunk, total);
    int sum = 0;
    for (int c = first; c < last; c++)
        sum += cellEnds[c];
    sums[LOCAL_ID] = sum;
    SYNC_THREADS;
    int start = 0;
    for (int t = 0; t < LOCAL_ID; t++)
        start += sums[t];
    for (int c = first; c < last; c++) {
        const int count = cellEnds[c];
        cellEnds[c] = start;
        start += count;
    }
    MEM_FENCE;
    SYNC_THREADS;
    for (int i = LOCAL_ID; i < numAtoms; i += CELL_GROUP) {
        const int cell = findCell(findFraction(positions[i], inverseX, inverseY, inverseZ), numCells);
        atoms[ATOMIC_ADD(&cellEnds[cell], 1)] = i;
    }
}

DEVICE int divideDown(int a, int b) {
    return (a >= 0 ? a : a-b+1)/b;
}

/**
 * Finds all pairs within the cutoff and the skin, images included. `reach` is that range over the
 * box's heights.
 */
KERNEL void findNeighbors(GLOBAL const mixed4* RESTRICT positions, GLOBAL const int* RESTRICT cellEnds,
        GLOBAL const int* RESTRICT atoms, GLOBAL int4* RESTRICT found, GLOBAL int* RESTRICT neighborCounts,
        GLOBAL int* RESTRICT status, int4 numCells, mixed4 inverseX, mixed4 inverseY, mixed4 inverseZ,
        mixed4 reach, mixed4 boxA, mixed4 boxB, mixed4 boxC) {
    const int numAtoms = status[ATOM_COUNT];
    const int capacity = status[CAPACITY];
    for (int i = GLOBAL_ID; i < numAtoms; i += GLOBAL_SIZE) {
        const mixed4 x = positions[i];
        const Fraction f = findFraction(x, inverseX, inverseY, inverseZ);
        int count = 0;
        if (!(f.x >= 0 && f.x <= 1 && f.y >= 0 && f.y <= 1 && f.z >= 0 && f.z <= 1)) {
            neighborCounts[i] = 0; // the position is not finite, which gatherPositions has noted
            continue;
        }
        const int u1 = (int) floor((f.x+reach.x)*numCells.x);
        const int v1 = (int) floor((f.y+reach.y)*numCells.y);
        const int w1 = (int) floor((f.z+reach.z)*numCells.z);
        for (int u = (int) floor((f.x-reach.x)*numCells.x); u <= u1; u++)
            for (int v = (int) floor((f.y-reach.y)*numCells.y); v <= v1; v++)
                for (int w = (int) floor((f.z-reach.z)*numCells.z); w <= w1; w++) {
                    const int imageA = divideDown(u, numCells.x);
                    const int imageB = divideDown(v, numCells.y);
                    const int imageC = divideDown(w, numCells.z);
                    const int cell = ((u-imageA*numCells.x)*numCells.y+v-imageB*numCells.y)*numCells.z
                            +w-imageC*numCells.z;
                    const int end = cellEnds[cell];
                    for (int n = cell == 0 ? 0 : cellEnds[cell-1]; n < end; n++) {
                        const int j = atoms[n];
                        const mixed4 y = positions[j];
                        mixed dx = x.x-y.x, dy = x.y-y.y, dz = x.z-y.z;
                        int a = 0, b = 0, c = 0;
#ifdef PERIODIC
                        const Fraction g = findFraction(y, inverseX, inverseY, inverseZ);
                        a = g.a-f.a-imageA;
                        b = g.b-f.b-imageB;
                        c = g.c-f.c-imageC;
                        dx += a*boxA.x+b*boxB.x+c*boxC.x;
                        dy += a*boxA.y+b*boxB.y+c*boxC.y;
                        dz += a*boxA.z+b*boxB.z+c*boxC.z;
#endif
                        if ((i == j && a == 0 && b == 0 && c == 0) || !(dx*dx+dy*dy+dz*dz < SQUARED_RANGE))
                            continue;
                        if (count < capacity)
                            found[i*capacity+count] = make_int4(j, a, b, c);
                        count++;
                    }
                }
        neighborCounts[i] = count;
        if (count > capacity)
            status[OVERFLOW] = 1;
    }
}

DEVICE bool isBefore(int4 p, int4 q) {
    if (p.x != q.x)
        return p.x < q.x;
    if (p.y != q.y)
        return p.y < q.y;
    return p.z != q.z ? p.z < q.z : p.w < q.w;
}

/**
 * Sorts the pairs of a receiver by sender and shift, so that their order does not tell when the list
 * was made.
 */
KERNEL void sortNeighbors(GLOBAL const int4* RESTRICT found, GLOBAL int4* RESTRICT neighbors,
        GLOBAL const int* RESTRICT neighborCounts, GLOBAL const int* RESTRICT status) {
    const int numAtoms = status[ATOM_COUNT];
    const int capacity = status[CAPACITY];
    for (int i = GROUP_ID; i < numAtoms; i += NUM_GROUPS) {
        const int total = min(neighborCounts[i], capacity);
        for (int n = LOCAL_ID; n < total; n += LOCAL_SIZE) {
            const int4 own = found[i*capacity+n];
            int place = 0;
            for (int m = 0; m < total; m++)
                place += isBefore(found[i*capacity+m], own);
            neighbors[i*capacity+place] = own;
        }
    }
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
