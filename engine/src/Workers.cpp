// SPDX-License-Identifier: MIT
#include "equivariant/Workers.h"

#include "KokkosHost.h"
#include "NoSubnormals.h"
#include "equivariant/Error.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

namespace equivariant {

namespace {

/// The items of one loop, handed out one by one.
class Loop {
public:
    Loop(int count, const std::function<void(int, int)>& body) : count(count), body(body) {}

    void work(int worker) {
        try {
            for (int item = next++; item < count; item = next++)
                body(item, worker);
        } catch (...) {
            next = count;
            const std::lock_guard<std::mutex> lock(mutex);
            if (!error)
                error = std::current_exception();
        }
    }

    void rethrow() const {
        if (error)
            std::rethrow_exception(error);
    }

private:
    const int count;
    const std::function<void(int, int)>& body;
    std::atomic<int> next{0};
    std::mutex mutex;
    std::exception_ptr error;
};

/// Looks for `done` for as long as waking a thread may take, before the caller goes to sleep.
template <class Condition> void waitAwake(const Condition& done) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::microseconds(50);
    while (!done() && Clock::now() < end)
        std::this_thread::yield();
}

/// Threads of our own, asleep between loops.
class ThreadWorkers : public Workers {
public:
    explicit ThreadWorkers(int count) {
        for (int worker = 1; worker < count; worker++)
            threads.emplace_back([this, worker] { serve(worker); });
    }

    ~ThreadWorkers() override {
        {
            const std::lock_guard<std::mutex> lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        for (std::thread& thread : threads)
            thread.join();
    }

    int size() const override { return static_cast<int>(threads.size()) + 1; }

private:
    void share(int count, const std::function<void(int, int)>& body) override {
        Loop own(count, body);
        if (count > 1 && !threads.empty()) {
            const std::lock_guard<std::mutex> lock(mutex);
            loop = &own;
            running = static_cast<int>(threads.size());
            generation++;
            wake.notify_all();
        }
        own.work(0);
        waitAwake([this] { return running == 0; });
        {
            std::unique_lock<std::mutex> lock(mutex);
            finished.wait(lock, [this] { return running == 0; });
        }
        own.rethrow();
    }

    void serve(int worker) {
        for (int seen = 0;;) {
            const auto isCalled = [&] { return stopping || generation != seen; };
            waitAwake(isCalled);
            std::unique_lock<std::mutex> lock(mutex);
            wake.wait(lock, isCalled);
            if (stopping)
                return;
            seen = generation;
            Loop* current = loop;
            lock.unlock();
            current->work(worker);
            lock.lock();
            if (--running == 0)
                finished.notify_one();
        }
    }

    std::vector<std::thread> threads;
    std::mutex mutex;
    std::condition_variable wake, finished;
    Loop* loop = nullptr;
    // changed under the mutex, read also without it
    std::atomic<int> running{0}, generation{0};
    std::atomic<bool> stopping{false};
};

#ifdef EQUIVARIANT_KOKKOS_PARALLEL
/// The threads of Kokkos' parallel host backend.
class KokkosWorkers : public Workers {
public:
    int size() const override { return KokkosHost().concurrency(); }

private:
    void share(int count, const std::function<void(int, int)>& body) override {
        Loop loop(count, body);
        static std::mutex oneLoopAtATime; // several evaluators may share the backend
        const std::lock_guard<std::mutex> lock(oneLoopAtATime);
        Kokkos::parallel_for("equivariant", Kokkos::RangePolicy<KokkosHost>(0, size()),
                             [&loop](int worker) { loop.work(worker); });
        KokkosHost().fence();
        loop.rethrow();
    }
};
#endif

int availableProcessors() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

} // namespace

void Workers::forEach(int count, const std::function<void(int, int)>& body) {
    share(count, [&body](int item, int worker) {
        [[maybe_unused]] const NoSubnormals flushed;
        body(item, worker);
    });
}

std::shared_ptr<Workers> makeWorkers(int threads) {
    if (threads < 0)
        throw Error("the number of threads may not be negative: " + std::to_string(threads));
    if (threads == 0)
        threads = availableProcessors();
#ifdef EQUIVARIANT_KOKKOS_PARALLEL
    startKokkos();
    if (threads > 1 && threads == KokkosHost().concurrency())
        return std::make_shared<KokkosWorkers>();
#endif
    return std::make_shared<ThreadWorkers>(threads);
}

} // namespace equivariant
