// SPDX-License-Identifier: MIT
#include "Convolution.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Paths = c10::intrusive_ptr<ConvolutionPaths>;
using Edges = c10::intrusive_ptr<ConvolutionEdges>;

ConvolutionEdges::ConvolutionEdges(std::vector<int64_t> from, std::vector<int64_t> to,
                                   int64_t numAtoms, torch::Device device)
    : numAtoms(numAtoms) {
    senders = std::move(from);
    receivers = std::move(to);
    if (!std::is_sorted(receivers.begin(), receivers.end()))
        throw Error("the receivers of a convolution's edges have to be ascending");
    firstOfReceiver.assign(numAtoms + 1, 0);
    firstOfSender.assign(numAtoms + 1, 0);
    for (const int64_t receiver : receivers)
        firstOfReceiver[receiver + 1]++;
    for (const int64_t sender : senders)
        firstOfSender[sender + 1]++;
    std::partial_sum(firstOfReceiver.begin(), firstOfReceiver.end(), firstOfReceiver.begin());
    std::partial_sum(firstOfSender.begin(), firstOfSender.end(), firstOfSender.begin());
    bySender.resize(senders.size());
    std::iota(bySender.begin(), bySender.end(), int64_t(0));
    std::stable_sort(bySender.begin(), bySender.end(),
                     [this](int64_t a, int64_t b) { return senders[a] < senders[b]; });
    senderIndex = torch::tensor(senders, torch::kInt64).to(device);
    receiverIndex = torch::tensor(receivers, torch::kInt64).to(device);
}

ConvolutionPaths::ConvolutionPaths(const std::vector<ConvolutionPath>& paths, int inputLMax,
                                   int maxEll, const torch::TensorOptions& options) {
    numPaths = static_cast<int>(paths.size());
    numInputs = (inputLMax + 1) * (inputLMax + 1);
    numHarmonics = (maxEll + 1) * (maxEll + 1);
    firstTerm = firstCoupling = {0};
    pathsOfDegree.assign(maxEll + 1, 0);
    for (std::size_t p = 0; p < paths.size(); p++) {
        const auto [l1, l2, l3] = paths[p];
        pathsOfDegree[l3]++;
        numRows += 2 * l3 + 1;
        std::map<std::pair<int, int>, std::vector<CouplingEntry>> terms;
        for (const CouplingEntry& c : wigner3j(l1, l2, l3))
            terms[{c.c, c.a}].push_back(c);
        int row = -1;
        for (const auto& [place, couplings] : terms) {
            while (row < place.first) {
                row++;
                pathOfRow.push_back(static_cast<int>(p));
                firstTerm.push_back(firstTerm.back());
            }
            firstTerm.back()++;
            inputOfTerm.push_back(l1 * l1 + place.second);
            for (const CouplingEntry& c : couplings) {
                harmonic.push_back(l2 * l2 + c.b);
                value.push_back(std::sqrt(2.0 * l3 + 1) * c.value);
            }
            firstCoupling.push_back(static_cast<int>(harmonic.size()));
        }
    }
    Tensor matrix = torch::zeros({numHarmonics, numRows * numInputs}, torch::kFloat64);
    auto entries = matrix.accessor<double, 2>();
    for (int row = 0; row < numRows; row++)
        for (int t = firstTerm[row]; t < firstTerm[row + 1]; t++)
            for (int c = firstCoupling[t]; c < firstCoupling[t + 1]; c++)
                entries[harmonic[c]][row * numInputs + inputOfTerm[t]] += value[c];
    couplings = matrix.to(options);
    pathIndex = torch::tensor(pathOfRow).to(options.device());
}

namespace {

/// Stands for the argument that a derivative does not depend on.
Tensor nothing() {
    return torch::empty({0});
}

/// Runs the form's derivative by one argument, in the others.
template <class Real>
void run(const ConvolutionPaths& paths, const ConvolutionEdges& edges, Slot slot,
         const std::array<Tensor, 4>& arguments, Tensor& result) {
    static const FormKernels<Real> kernels = chooseFormKernels<Real>();
    const auto data = [&](Slot which) -> const Real* {
        const Tensor& argument = arguments[int(which)];
        return which == slot ? nullptr : argument.data_ptr<Real>();
    };
    const Tensor& channels = arguments[int(slot == Slot::Radial ? Slot::Features : Slot::Radial)];
    const ConvolutionCall<Real> call{&paths,
                                     &edges,
                                     static_cast<int>(channels.size(2)),
                                     data(Slot::Messages),
                                     data(Slot::Radial),
                                     data(Slot::Harmonics),
                                     data(Slot::Features),
                                     result.data_ptr<Real>()};
    at::parallel_for(0, result.size(0), 8, [&](int64_t first, int64_t last) {
        kernels.convolve(call, slot, first, last);
    });
}

/// The form differentiated by one of its arguments, which is not read. Its own derivatives are
/// functions of this kind.
struct Form : torch::autograd::Function<Form> {
    static Tensor forward(AutogradContext* context, const Tensor& messages, const Tensor& radial,
                          const Tensor& harmonics, const Tensor& features, int64_t slot,
                          const Paths& paths, const Edges& edges) {
        const std::array<Tensor, 4> arguments = {messages, radial, harmonics, features};
        context->save_for_backward({messages, radial, harmonics, features});
        context->saved_data["slot"] = slot;
        context->saved_data["paths"] = c10::IValue::make_capsule(paths);
        context->saved_data["edges"] = c10::IValue::make_capsule(edges);
        const auto numEdges = static_cast<int64_t>(edges->senders.size());
        const Tensor& other = arguments[slot == int(Slot::Radial) ? 3 : 1];
        const std::array<std::vector<int64_t>, 4> shapes = {
            std::vector<int64_t>{edges->numAtoms, paths->numRows, other.size(2)},
            {numEdges, paths->numPaths, other.size(2)},
            {numEdges, paths->numHarmonics},
            {edges->numAtoms, paths->numInputs, other.size(2)}};
        Tensor result = torch::empty(shapes[slot], other.options());
        std::array<Tensor, 4> dense;
        for (int i = 0; i < 4; i++)
            if (i != slot)
                dense[i] = arguments[i].contiguous();
        if (other.scalar_type() == torch::kFloat32)
            run<float>(*paths, *edges, Slot(slot), dense, result);
        else
            run<double>(*paths, *edges, Slot(slot), dense, result);
        return result;
    }

    static variable_list backward(AutogradContext* context, const variable_list& adjoints) {
        variable_list arguments = context->get_saved_variables();
        const int64_t slot = context->saved_data["slot"].toInt();
        const auto paths = c10::static_intrusive_pointer_cast<ConvolutionPaths>(
            context->saved_data["paths"].toCapsule());
        const auto edges = c10::static_intrusive_pointer_cast<ConvolutionEdges>(
            context->saved_data["edges"].toCapsule());
        arguments[slot] = adjoints[0];
        variable_list results(7);
        for (int64_t other = 0; other < 4; other++)
            if (other != slot && context->needs_input_grad(other)) {
                variable_list in = arguments;
                in[other] = nothing();
                results[other] = apply(in[0], in[1], in[2], in[3], other, paths, edges);
            }
        return results;
    }
};

} // namespace

Tensor convolve(const Paths& paths, const Edges& edges, const Tensor& radial,
                const Tensor& harmonics, const Tensor& features) {
    if (!features.is_cpu())
        return convolveByOperations(*paths, *edges, radial, harmonics, features);
    return Form::apply(nothing(), radial, harmonics, features, int64_t(Slot::Messages), paths,
                       edges);
}

Tensor convolveByOperations(const ConvolutionPaths& paths, const ConvolutionEdges& edges,
                            const Tensor& radial, const Tensor& harmonics, const Tensor& features) {
    const Tensor maps =
        torch::matmul(harmonics, paths.couplings).reshape({-1, paths.numRows, paths.numInputs});
    const Tensor messages = torch::bmm(maps, features.index_select(0, edges.senderIndex)) *
                            radial.index_select(1, paths.pathIndex);
    return torch::zeros({edges.numAtoms, paths.numRows, features.size(2)},
                        features.options().requires_grad(false))
        .index_add(0, edges.receiverIndex, messages);
}

} // namespace equivariant::training
