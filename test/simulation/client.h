// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "chance.h"
#include "connection.h"
#include "invariants.h"
#include "operation/poll_request.h"

#include <memory>
#include <string>
#include <string_view>

namespace lvmpolld::simulation {

class World;

/// How a client goes about it.
struct Manner {
    bool foreground = true; ///< waits for the result; else it leaves after OK
    bool asks_only = false; ///< reads without having asked for the operation
    bool reads_twice = false;
    bool insistent = false;   ///< once it knows the result, asks again on the same connection
    bool also_aborts = false; ///< once it is accepted, asks for an abort on the same connection
    bool never_reads = false;
    bool comes_back = true; ///< if the connection breaks
    bool in_pieces = false; ///< sends its requests so
    bool vanishes = false;  ///< at some moment, perhaps within a request
    Duration vanishes_after{};
};

/// An lvm command that asks the daemon to poll, and waits for the result or not.
class Client {
public:
    Client(World& world, PollRequest request, Manner manner, Chance chance);

    void begin();

    bool is_over() const { return over_; }

    /// It waits for nothing but its own whim.
    bool may_be_ended() const { return manner_.never_reads; }

    void leave();

    const PollRequest& request() const { return request_; }

private:
    void connect();
    void send(std::string text);
    void hear();
    void take(std::string_view reply);
    void take_result(std::string_view reply);
    void ask();
    PollRequest abort_request() const;
    void begin_again();
    void lose_connection();
    void after(Duration delay, void (Client::*action)());

    World& world_;
    const PollRequest request_;
    const Manner manner_;
    Chance chance_;
    std::shared_ptr<Connection> connection_;
    Acceptance acceptance_;
    std::string message_;
    bool accepted_ = false;
    bool own_claim_ = false; ///< on this connection
    bool told_ = false;      ///< the result
    bool insisted_ = false;
    bool aborts_ = false; ///< it has asked for that, and not heard of it yet
    bool asks_of_abort_ = false;
    bool waits_for_ok_ = false;
    bool over_ = false;
    unsigned turn_ = 0;
};

} // namespace lvmpolld::simulation
