// SPDX-License-Identifier: MIT
//
// The two classes of OpenMM's module that ours shares with it. SWIG's runtime joins them by name.
namespace OpenMM {
class Context;
class Force {
public:
    virtual ~Force();
};
} // namespace OpenMM
