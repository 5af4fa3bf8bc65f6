%% The workloads for Erlang. The actors are gen_servers, and calls gen_server:call.
-module(workloads).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

main([Name, Text]) ->
    Count = list_to_integer(Text),
    run(Name, Count),
    halt().

start(Kind) ->
    {ok, Pid} = gen_server:start(?MODULE, Kind, []),
    Pid.

measure(Count, F) ->
    Before = resident(),
    Start = erlang:monotonic_time(nanosecond),
    F(),
    Elapsed = erlang:monotonic_time(nanosecond) - Start,
    io:format("result ~b ~b ~b ~b~n", [Count, Elapsed, Before, resident()]).

resident() ->
    case file:read_file("/proc/self/statm") of
        {ok, Text} ->
            [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
            binary_to_integer(Pages);
        _ -> 0
    end.

times(0, _) -> ok;
times(N, F) -> F(N), times(N - 1, F).

call(To, Request) -> gen_server:call(To, Request, infinity).

echoes(Count) ->
    fun(To) -> times(Count, fun(I) -> call(To, {echo, I, <<"short string">>}) end) end.

run("W1", Count) ->
    Echo = start(echo),
    measure(Count, fun() -> (echoes(Count))(Echo) end);
run("W2", Count) ->
    Servers = list_to_tuple([start(echo) || _ <- lists:seq(1, 8)]),
    Clients = [{start(client), element(I rem 8 + 1, Servers)} || I <- lists:seq(1, 64)],
    Each = Count div 64,
    measure(Each * 64, fun() ->
        Self = self(),
        [gen_server:cast(C, {go, Self, Echo, Each}) || {C, Echo} <- Clients],
        times(64, fun(_) -> receive done -> ok end end)
    end);
run("W3", Count) ->
    Sink = start(sink),
    measure(Count, fun() ->
        times(Count, fun(I) -> gen_server:cast(Sink, {message, I, <<"short string">>}) end),
        Count = call(Sink, stop)
    end);
run("W4", Count) ->
    Echo = start(echo),
    Table = maps:from_list([{list_to_binary("key" ++ integer_to_list(I)),
        #{<<"id">> => I, <<"name">> => list_to_binary("name" ++ integer_to_list(I)), 1 => 1, 2 => 2}}
        || I <- lists:seq(1, 10)]),
    measure(Count, fun() -> times(Count, fun(_) -> call(Echo, {echo, Table}) end) end);
run("W5", Count) ->
    measure(Count, fun() -> times(Count, fun(_) -> start(echo) end) end);
run("W6", Count) ->
    Ring = [First | _] = [start(member) || _ <- lists:seq(1, 1000)],
    lists:foreach(fun({A, B}) -> ok = call(A, {next, B}) end, lists:zip(Ring, tl(Ring) ++ [First])),
    measure(Count, fun() ->
        gen_server:cast(First, {token, self(), Count - 1}),
        receive done -> ok end
    end);
run(Name, Count) ->
    Worker = start(worker),
    Request = case Name of
        "W7 fib" -> {fib, 20};
        "W7 loop" -> {table, 10000};
        "W8 " ++ Turns -> {work, list_to_integer(Turns)}
    end,
    measure(Count, fun() -> times(Count, fun(_) -> call(Worker, Request) end) end).

init(Kind) -> {ok, {Kind, 0}}.

handle_call({echo, _} = M, _, S) -> {reply, M, S};
handle_call({echo, _, _} = M, _, S) -> {reply, M, S};
handle_call(stop, _, {sink, N} = S) -> {reply, N, S};
handle_call({next, Pid}, _, {member, _}) -> {reply, ok, {member, Pid}};
handle_call({fib, N}, _, S) -> {reply, fib(N), S};
handle_call({table, N}, _, S) -> {reply, table(N), S};
handle_call({work, N}, _, S) -> {reply, work(N, 1, #{}, 0), S}.

handle_cast({message, _, _}, {sink, N}) -> {noreply, {sink, N + 1}};
handle_cast({go, Who, Echo, Count}, S) ->
    (echoes(Count))(Echo),
    Who ! done,
    {noreply, S};
handle_cast({token, Who, 0}, S) ->
    Who ! done,
    {noreply, S};
handle_cast({token, Who, N}, {member, Next} = S) ->
    gen_server:cast(Next, {token, Who, N - 1}),
    {noreply, S}.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

table(N) ->
    T = lists:foldl(fun(I, M) -> M#{I => I * 2} end, #{}, lists:seq(1, N)),
    lists:foldl(fun(I, Sum) -> Sum + maps:get(I, T) end, 0, lists:seq(1, N)).

work(N, I, _, Sum) when I > N -> Sum;
work(N, I, T, Sum) ->
    U = T#{I rem 8 + 1 => I},
    work(N, I + 1, U, Sum + maps:get((I + 3) rem 8 + 1, U, 0)).
