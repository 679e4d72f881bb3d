using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.IntegrationTests.SendPipeline;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>What only the provider's list of inbound texts knows: no webhook of it came.</summary>
public sealed class InboundListTests : IClassFixture<TwilioServer>, IAsyncDisposable
{
    private static long _next = 14155556000;
    private readonly PhoneNumber _number = new(Interlocked.Increment(ref _next));
    private readonly TwilioServer _server;
    private readonly FakeProvider _provider = new();
    private readonly TestMeters _meters = new();
    private readonly MeterListener _listener = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly InboundListLoop _loop;
    private long _unusable;

    public InboundListTests(TwilioServer server)
    {
        _server = server;
        var postgres = server.Get<NpgsqlDataSource>();
        _loop = new InboundListLoop(
            server.Get<ProviderDirectory>(), _provider, server.Get<InboundTexts>(), server.Get<StoppedMessagesWorker>(), postgres, new Leases(postgres),
            Options.Create(new ReceiptsOptions()), new ReceiptsMetrics(_meters), TimeProvider.System, NullLogger<InboundListLoop>.Instance);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "smscrm.receipts.inbound_unusable" && instrument.Meter.Scope == _meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, measured, _, _) => Interlocked.Add(ref _unusable, measured));
        _listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _loop.Dispose();
        _listener.Dispose();
        _meters.Dispose();
        await _server.Bench.ScalarAsync<int>("DELETE FROM inbound_marks");
    }

    [Fact]
    public async Task A_START_that_was_written_after_a_STOP_lifts_it()
    {
        Lists(Text("START", minutesAgo: 1), Text("STOP", minutesAgo: 2));

        await _loop.RoundAsync(default);

        Assert.False(await _server.IsSuppressedAsync(_number));
    }

    [Fact]
    public async Task A_STOP_that_was_written_after_a_START_stands()
    {
        Lists(Text("STOP", minutesAgo: 1), Text("START", minutesAgo: 2), Text("STOP", minutesAgo: 3));

        await _loop.RoundAsync(default);

        Assert.True(await _server.IsSuppressedAsync(_number));
    }

    [Fact]
    public async Task Of_a_START_and_a_STOP_of_the_same_second_the_STOP_counts()
    {
        Lists(Text("STOP", minutesAgo: 1), Text("START", minutesAgo: 1));

        await _loop.RoundAsync(default);

        Assert.True(await _server.IsSuppressedAsync(_number));
    }

    [Fact]
    public async Task A_STOP_that_cannot_be_told_from_what_was_lifted_since_suppresses()
    {
        await _server.WriteAsync(_number.ToString(), "STOP");
        Lists(Text("START", minutesAgo: -1));
        await _loop.RoundAsync(default);
        Assert.False(await _server.IsSuppressedAsync(_number));

        Lists(Text("STOP", minutesAgo: 1));
        await _loop.RoundAsync(default);

        Assert.True(await _server.IsSuppressedAsync(_number));
    }

    [Fact]
    public async Task Broken_and_long_texts_are_kept_with_what_they_ask_for()
    {
        var broken = "STOP \uD83D" + new string('a', 1_994) + "😀😀";
        Lists(Text("please stop " + broken, minutesAgo: 2), Text("\uDE00 \0 \uD83D", minutesAgo: 1));

        await _loop.RoundAsync(default);

        Assert.True(await _server.IsSuppressedAsync(_number));
        Assert.Equal("please stop STOP \uFFFD" + new string('a', 1_994) + "😀😀|\uFFFD  \uFFFD", await BodiesAsync());
        Assert.Equal(0, _unusable);
    }

    [Fact]
    public async Task Of_pictures_the_list_tells_the_number()
    {
        Lists(Text("", minutesAgo: 1) with { NumMedia = "2" });

        await _loop.RoundAsync(default);

        Assert.Equal("2 {}", await _server.Bench.ScalarAsync<string>($"SELECT media_count || ' ' || media_urls::text FROM inbound_texts WHERE number = {_number.Digits}"));
    }

    [Fact]
    public async Task A_text_that_Postgres_will_never_take_is_counted_and_passed_by_and_stops_nothing_behind_it()
    {
        await using var poisoned = await PoisonAsync("23514");
        Lists(Text("STOP", minutesAgo: 1), Text("poison", minutesAgo: 2));

        await _loop.RoundAsync(default);

        Assert.True(await _server.IsSuppressedAsync(_number));
        Assert.Equal("STOP", await BodiesAsync());
        Assert.Equal(1, _unusable);
        Assert.Equal(1L, await MarksAsync());
    }

    [Fact]
    public async Task Nothing_is_passed_by_while_Postgres_takes_nothing()
    {
        Lists(Text("STOP", minutesAgo: 1), Text("poison", minutesAgo: 2));
        await using (await PoisonAsync("57P03"))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => _loop.RoundAsync(default));
            Assert.Equal((0L, 0L), (_unusable, await MarksAsync()));
        }

        await _loop.RoundAsync(default);

        Assert.Equal("poison|STOP", await BodiesAsync());
        Assert.Equal((0L, 1L), (_unusable, await MarksAsync()));
    }

    private void Lists(params ProviderMessage[] messages) => _provider.ListsInbound = _ => messages;

    private ProviderMessage Text(string body, int minutesAgo) => new(
        new ProviderSid('S', Guid.CreateVersion7()), _number.ToString(), TwilioServer.Sender, body, "received", null, _now.AddMinutes(-minutesAgo), "inbound");

    /// <summary>Until it is disposed Postgres refuses one text with this SQLSTATE.</summary>
    private async Task<IAsyncDisposable> PoisonAsync(string state)
    {
        await _server.Bench.ScalarAsync<int>(
            $"""
            CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{state}'; END $$;
            CREATE TRIGGER refuse_poison BEFORE INSERT ON inbound_texts FOR EACH ROW WHEN (NEW.body = 'poison') EXECUTE FUNCTION refuse_poison()
            """);
        return new Antidote(_server);
    }

    private Task<string?> BodiesAsync() => _server.Bench.ScalarAsync<string>(
        $"SELECT string_agg(body, '|' ORDER BY provider_at) FROM inbound_texts WHERE number = {_number.Digits}");

    private Task<long> MarksAsync() => _server.Bench.ScalarAsync<long>("SELECT count(*) FROM inbound_marks");

    private sealed class Antidote(TwilioServer server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await server.Bench.ScalarAsync<int>("DROP TRIGGER refuse_poison ON inbound_texts; DROP FUNCTION refuse_poison()");
    }
}
