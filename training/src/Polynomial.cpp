// SPDX-License-Identifier: MIT
#include "Polynomial.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Monomials::Monomials(MonomialTables tables, torch::Device device)
    : MonomialTables(std::move(tables)) {
    int firstBefore = 0;
    for (int first = numInputs, last; first < numMonomials; first = last) {
        std::vector<int> places, factors;
        for (last = first; last < numMonomials && before[last] < first; last++) {
            places.push_back(before[last] - firstBefore);
            factors.push_back(factor[last]);
        }
        orders.push_back({torch::tensor(places).to(device), torch::tensor(factors).to(device)});
        firstBefore = first;
    }
}

namespace {

/// What both functions below share.
struct Setting : torch::CustomClassHolder {
    c10::intrusive_ptr<Monomials> monomials;
    std::vector<int> atomsOfSpecies;
};
using SettingPointer = c10::intrusive_ptr<Setting>;

/// Arguments may be undefined where PolynomialCall allows null.
template <class Real>
void run(const Setting& setting, const Tensor& coefficients, const Tensor& a, const Tensor& along,
         const Tensor& adjoint, Tensor outputs, Tensor aAdjoint, Tensor coefficientsAdjoint) {
    static const FormKernels<Real> kernels = chooseFormKernels<Real>();
    const auto data = [](const Tensor& tensor) {
        return tensor.defined() ? tensor.data_ptr<Real>() : nullptr;
    };
    const PolynomialCall<Real> call{setting.monomials.get(),
                                    setting.atomsOfSpecies.data(),
                                    static_cast<int>(setting.atomsOfSpecies.size()),
                                    static_cast<int>(a.size(2)),
                                    static_cast<int>(a.size(1)),
                                    static_cast<int>(coefficients.size(2)),
                                    data(coefficients),
                                    data(a),
                                    data(along),
                                    data(adjoint),
                                    data(outputs),
                                    data(aAdjoint),
                                    data(coefficientsAdjoint)};
    at::parallel_for(0, a.size(1), 1, [&](int64_t first, int64_t last) {
        kernels.evaluatePolynomials(call, first, last);
    });
}

void run(const Setting& setting, const Tensor& coefficients, const Tensor& a, const Tensor& along,
         const Tensor& adjoint, const Tensor& outputs, const Tensor& aAdjoint,
         const Tensor& coefficientsAdjoint) {
    const auto dense = [](const Tensor& tensor) {
        return tensor.defined() ? tensor.contiguous() : tensor;
    };
    const auto& call = a.scalar_type() == torch::kFloat32 ? run<float> : run<double>;
    call(setting, dense(coefficients), dense(a), dense(along), dense(adjoint), outputs, aAdjoint,
         coefficientsAdjoint);
}

Tensor outputsLike(const Tensor& coefficients, const Tensor& a) {
    return torch::empty({coefficients.size(2), a.size(1), a.size(2)}, a.options());
}

Tensor dense(const Tensor& like) {
    return torch::empty(like.sizes(), like.options());
}

SettingPointer settingOf(AutogradContext* context) {
    return c10::static_intrusive_pointer_cast<Setting>(context->saved_data["setting"].toCapsule());
}

/// dE/dA of dE/d(outputs).
struct PolynomialReverse : torch::autograd::Function<PolynomialReverse> {
    static Tensor forward(AutogradContext* context, const Tensor& coefficients, const Tensor& a,
                          const Tensor& adjoint, const SettingPointer& setting) {
        context->save_for_backward({coefficients, a, adjoint});
        context->saved_data["setting"] = c10::IValue::make_capsule(setting);
        Tensor result = dense(a);
        run(*setting, coefficients, a, {}, adjoint, {}, result, {});
        return result;
    }

    /// All three are derivatives along a direction.
    static variable_list backward(AutogradContext* context, const variable_list& directions) {
        const variable_list saved = context->get_saved_variables();
        Tensor coefficients = dense(saved[0]), a = dense(saved[1]);
        Tensor adjoint = outputsLike(saved[0], saved[1]);
        run(*settingOf(context), saved[0], saved[1], directions[0], saved[2], adjoint, a,
            coefficients);
        return {coefficients, a, adjoint, Tensor()};
    }
};

struct PolynomialForward : torch::autograd::Function<PolynomialForward> {
    static Tensor forward(AutogradContext* context, const Tensor& coefficients, const Tensor& a,
                          const SettingPointer& setting) {
        context->save_for_backward({coefficients, a});
        context->saved_data["setting"] = c10::IValue::make_capsule(setting);
        Tensor result = outputsLike(coefficients, a);
        run(*setting, coefficients, a, {}, {}, result, {}, {});
        return result;
    }

    static variable_list backward(AutogradContext* context, const variable_list& adjoints) {
        const variable_list saved = context->get_saved_variables();
        const SettingPointer setting = settingOf(context);
        variable_list results(3);
        if (context->needs_input_grad(0)) {
            results[0] = dense(saved[0]);
            run(*setting, saved[0].detach(), saved[1].detach(), {}, adjoints[0].detach(), {}, {},
                results[0]);
        }
        if (context->needs_input_grad(1))
            results[1] = PolynomialReverse::apply(saved[0], saved[1], adjoints[0], setting);
        return results;
    }
};

} // namespace

Tensor evaluatePolynomials(const c10::intrusive_ptr<Monomials>& monomials,
                           const std::vector<int>& atomsOfSpecies, const Tensor& coefficients,
                           const Tensor& a) {
    if (!a.is_cpu())
        return evaluatePolynomialsByOperations(*monomials, atomsOfSpecies, coefficients, a);
    auto setting = c10::make_intrusive<Setting>();
    setting->monomials = monomials;
    setting->atomsOfSpecies = atomsOfSpecies;
    return PolynomialForward::apply(coefficients, a, setting);
}

Tensor evaluatePolynomialsByOperations(const Monomials& monomials,
                                       const std::vector<int>& atomsOfSpecies,
                                       const Tensor& coefficients, const Tensor& a) {
    std::vector<Tensor> orders = {a};
    for (const auto& [before, factor] : monomials.orders)
        orders.push_back(orders.back().index_select(0, before) * a.index_select(0, factor));
    const Tensor values = torch::cat(orders, 0).transpose(0, 1); // [channels][monomials][atoms]
    std::vector<Tensor> outputs;
    int64_t first = 0;
    for (std::size_t s = 0; s < atomsOfSpecies.size(); s++) {
        outputs.push_back(torch::bmm(coefficients.select(0, int64_t(s)),
                                     values.narrow(2, first, atomsOfSpecies[s])));
        first += atomsOfSpecies[s];
    }
    return torch::cat(outputs, 2).transpose(0, 1);
}

} // namespace equivariant::training
