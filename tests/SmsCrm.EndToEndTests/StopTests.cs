using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.EndToEndTests;

/// <summary>Promise 3, through the whole system.</summary>
[Collection(nameof(Alone))]
public sealed class StopTests
{
    private const int Trials = 1_000;
    private const int SigCont = 18;
    private const int SigStop = 19;

    /// <summary>
    /// The provider's own record of arrivals against the moment at which each STOP was acknowledged, while texts to the same numbers stream in, the
    /// sending process is stopped (SIGSTOP) now and then for longer than an acknowledgement takes, and claims are held up by a lock.
    /// </summary>
    [Fact]
    public async Task After_a_STOP_was_acknowledged_no_text_to_that_number_begins_in_1_000_trials()
    {
        var random = new Random(TestRun.Seed());
        var stopAfter = Enumerable.Range(0, Trials).Select(_ => TimeSpan.FromMilliseconds(random.Next(0, 22_000))).ToArray();
        await using var system = await TestSystem.StartAsync(KafkaKind.Embedded, roles: "ingest,record,crm");
        await using var worker = await Role.StartAsync(system, "send");
        using var api = await Api.OfAsync(system);
        using var handset = new Handset(system);
        var acknowledged = new ConcurrentDictionary<string, DateTimeOffset>();
        using var over = new CancellationTokenSource();

        var load = LoadAsync(api, over.Token);
        var disturbing = DisturbAsync(system, worker, random, over.Token);
        await Eventually.TrueAsync(async () => (await handset.LastArrivalsAsync()).Count > Trials / 2, TimeSpan.FromMinutes(3));
        await Parallel.ForEachAsync(Enumerable.Range(0, Trials), new ParallelOptions { MaxDegreeOfParallelism = Trials }, async (n, cancellation) =>
        {
            await Task.Delay(stopAfter[n], cancellation);
            Assert.Equal(HttpStatusCode.OK, await handset.WriteAsync(Handset.Number(n), n % 3 == 0 ? "STOP" : n % 3 == 1 ? "Opt out." : "please stop texting me"));
            acknowledged[Handset.Number(n)] = TimeProvider.System.GetUtcNow();
        });
        await over.CancelAsync();
        var sent = await load;
        await disturbing;

        await WaitUntilAllEndedAsync(system, sent);
        var last = await handset.LastArrivalsAsync();
        var late = last.Where(arrival => arrival.Value > acknowledged[arrival.Key]).ToList();
        TestRun.Say($"{sent} texts to {Trials} numbers; {last.Count} numbers got some before their STOP; {late.Count} got one after it was acknowledged; "
            + $"the nearest came {last.Min(arrival => (acknowledged[arrival.Key] - arrival.Value).TotalMilliseconds)} ms before");
        Assert.True(last.Count > Trials / 2, "nothing was under way, so nothing was shown");
        Assert.Empty(late);
    }

    [Fact]
    public async Task A_STOP_ends_what_waits_and_what_comes_after_it_until_a_START_and_the_provider_list_brings_what_the_webhook_lost()
    {
        await using var system = await TestSystem.StartAsync(
            KafkaKind.Embedded, new Dictionary<string, string> { ["SmsCrm__Receipts__InboundListMs"] = "500" });
        using var api = await Api.OfAsync(system);
        using var handset = new Handset(system);
        var number = Handset.Number(1);
        var waiting = await api.SendAsync(number, sendAt: TimeProvider.System.GetUtcNow().AddHours(1));
        await api.StateIsAsync(waiting, "deferred");

        await handset.WriteAtProviderAsync(number, "Stop!", isLost: true);
        await api.StateIsAsync(waiting, "cancelled");
        var refused = await api.SendAsync(number);
        await api.StateIsAsync(refused, "rejected");

        // The provider's times are whole seconds: a START of the same second as the STOP lifts nothing, in doubt the STOP counts.
        await Eventually.PassesAsync(
            async () =>
            {
                Assert.Equal(HttpStatusCode.OK, await handset.WriteAsync(number, "START", await handset.WriteAtProviderAsync(number, "START", isLost: true)));
                Assert.Equal("delivered", await EndOfAsync(api, await api.SendAsync(number)));
            },
            TimeSpan.FromMinutes(1));
        var why = await api.GetAsync($"/v1/messages/{refused}");
        Assert.Equal("suppressed", why.GetProperty("reason").GetString());
    }

    private static async Task<string?> EndOfAsync(Api api, string id)
    {
        string? state = null;
        await Eventually.PassesAsync(
            async () =>
            {
                var message = await api.GetAsync($"/v1/messages/{id}");
                state = message.GetProperty("state").GetString();
                Assert.True(message.GetProperty("final").GetBoolean());
            },
            TimeSpan.FromSeconds(30));
        return state;
    }

    /// <summary>A text to every number, over and over.</summary>
    private static async Task<int> LoadAsync(Api api, CancellationToken over)
    {
        var sent = 0;
        for (var round = 0; !over.IsCancellationRequested; round++)
        {
            var batch = new SendBatchRequest();
            batch.Messages.AddRange(Enumerable.Range(0, Trials).Select(n => new SendRequest
            {
                To = Handset.Number(n),
                Body = string.Create(CultureInfo.InvariantCulture, $"Round {round}"),
                Purpose = Purpose.Transactional,
                ClientReference = string.Create(CultureInfo.InvariantCulture, $"{(round * Trials) + n}"),
            }));
            var answers = await api.Grpc.SendBatchAsync(batch, api.Headers, cancellationToken: CancellationToken.None);
            sent += answers.Results.Count(result => result.Accepted is not null);
            await Task.Delay(TimeSpan.FromSeconds(1.5), CancellationToken.None);
        }

        return sent;
    }

    private static async Task DisturbAsync(LocalSystem system, ChildProcess worker, Random random, CancellationToken over)
    {
        await using var postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);
        for (var n = 0; !over.IsCancellationRequested; n++)
        {
            await Task.Delay(random.Next(2_000, 5_000), CancellationToken.None);
            if (n % 2 == 0)
            {
                ProcessTable.Signal(worker.Id, SigStop);
                await Task.Delay(random.Next(500, 3_500), CancellationToken.None);
                ProcessTable.Signal(worker.Id, SigCont);
            }
            else
            {
                await using var command = postgres.CreateCommand("BEGIN; LOCK TABLE claims IN EXCLUSIVE MODE; SELECT pg_sleep(2.5); COMMIT");
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }

    private static async Task WaitUntilAllEndedAsync(LocalSystem system, int sent)
    {
        await using var postgres = NpgsqlDataSource.Create(system.PostgresConnectionString);
        await Eventually.PassesAsync(
            async () =>
            {
                await using var command = postgres.CreateCommand("SELECT state, count(*) FROM messages GROUP BY state");
                await using var reader = await command.ExecuteReaderAsync();
                var states = new Dictionary<MessageState, long>();
                while (await reader.ReadAsync())
                {
                    states[(MessageState)reader.GetInt16(0)] = reader.GetInt64(1);
                }

                Assert.Equal(sent, states.Values.Sum());
                Assert.DoesNotContain(states.Keys, state => !state.IsFinal() && !state.IsTaken());
            },
            TimeSpan.FromMinutes(4));
    }
}
