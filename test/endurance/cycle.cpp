// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cycle.h"

#include "heap.h"
#include "quick_launcher.h"
#include "wire/reply.h"

#include <stdexcept>
#include <string>

namespace lvmpolld::endurance {

namespace {

std::string start_of(std::size_t lv, std::size_t vg) {
    return "request=\"pvmove\"\nlvid=\"" + lvid_of(lv) + "\"\nvgname=\"" + vg_name(vg) +
           "\"\nlvname=\"" + lv_name(lv) + "\"\ninterval=\"15\"\ncmdline=\"pvmove\"\n";
}

std::string question_of(std::size_t lv) {
    return "request=\"progress_info\"\nlvid=\"" + lvid_of(lv) + "\"\n";
}

void expect(const std::string& what, std::string_view reply, std::string_view expected) {
    if (reply != expected)
        throw std::runtime_error(what + ": the reply is " + std::string(reply) + "and not " +
                                 std::string(expected));
}

} // namespace

void Cycle::run(Series& busy, Series& idle) {
    heap::begin_generation();
    daemon_.on_monitor([this] { volumes_.begin_all(); });
    {
        std::vector<LoadClient> clients;
        begin(clients);
        expect_progress(clients);
        busy.add(Figures::now());
        daemon_.on_monitor([this] { volumes_.complete_all(); });
        leave_early(clients);
        daemon_.wait_until("the end of all operations",
                           [this] { return daemon_.in_progress() == 0; });
        read_results(clients);
        read_what_others_left(clients.front());
    }
    daemon_.wait_until("rest", [this] { return daemon_.is_at_rest(); });
    idle.add(Figures::now());
}

void Cycle::begin(std::vector<LoadClient>& clients) {
    clients.reserve(clients_);
    while (clients.size() < clients_)
        clients.emplace_back(daemon_.socket_path());
    for (std::size_t lv = 0; lv < volumes_.count(); ++lv)
        clients[lv / share()].send(start_of(lv, lv / share()));
    for (std::size_t lv = 0; lv < volumes_.count(); ++lv)
        expect("the start of " + lv_name(lv), clients[lv / share()].reply(), wire::reply::ok);
    bool all_watch = false;
    while (!all_watch) // each look lets the monitor do more
        daemon_.on_monitor([&] { all_watch = daemon_.all_watch(); });
}

void Cycle::expect_progress(std::vector<LoadClient>& clients) const {
    for (std::size_t lv = 0; lv < volumes_.count(); ++lv)
        clients[lv / share()].send(question_of(lv));
    for (std::size_t lv = 0; lv < volumes_.count(); ++lv)
        expect("the progress of " + lv_name(lv), clients[lv / share()].reply(),
               wire::reply::in_progress);
}

void Cycle::leave_early(std::vector<LoadClient>& clients) {
    leaving_ = clients_ / 20;
    for (std::size_t gone = 0; gone < leaving_; ++gone)
        clients.pop_back();
    while (daemon_.clients() > clients.size()) { // until the daemon has noticed
        clients.front().send("request=\"hello\"");
        expect("hello", clients.front().reply(), wire::reply::hello);
    }
}

void Cycle::read_results(std::vector<LoadClient>& clients) const {
    for (std::size_t lv = 0; lv < clients.size() * share(); ++lv)
        read_result(clients[lv / share()], lv);
}

void Cycle::read_what_others_left(LoadClient& client) const {
    for (std::size_t lv = (clients_ - leaving_) * share(); lv < volumes_.count(); ++lv)
        read_result(client, lv);
}

void Cycle::read_result(LoadClient& client, std::size_t lv) {
    std::string reply(wire::reply::in_progress);
    while (reply == wire::reply::in_progress) { // until its record is written
        client.send(question_of(lv));
        reply = client.reply();
    }
    expect("the result of " + lv_name(lv), reply, wire::reply::finished(Exited{exit_code_of(lv)}));
}

} // namespace lvmpolld::endurance
