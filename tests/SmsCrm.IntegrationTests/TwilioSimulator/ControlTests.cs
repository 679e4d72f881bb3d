using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

public sealed class ControlTests : IAsyncLifetime
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("simulator").FullName, "ledger");
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync(new TwilioSimulatorOptions { LedgerPath = _path });

    public async ValueTask DisposeAsync()
    {
        await _simulator.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
    }

    [Fact]
    public async Task Counts_tell_what_was_taken_and_what_came_twice()
    {
        await _simulator.CreateAsync(body: "One", more: ("StatusCallback", "http://127.0.0.1:1/?message=m1"));
        var repeat = await _simulator.CreateAsync(body: "One", more: ("StatusCallback", "http://127.0.0.1:1/?message=m1"));
        await _simulator.CreateAsync(body: "Two");
        using var refused = await _simulator.PostAsync(("To", "+15005550001"), ("From", "12345"), ("Body", "Hi"));

        var counts = await _simulator.CountsAsync();
        Assert.Equal((3, 2), (counts.GetProperty("taken").GetInt64(), counts.GetProperty("distinct").GetInt64()));
        Assert.Equal(1, counts.GetProperty("duplicatesByRecipientAndBody").GetProperty("count").GetInt64());
        Assert.Equal(1, counts.GetProperty("duplicatesByMessageId").GetProperty("count").GetInt64());
        Assert.Equal(
            repeat.GetProperty("sid").GetString(),
            counts.GetProperty("duplicatesByMessageId").GetProperty("sample")[0].GetProperty("repeat").GetString());
        Assert.Equal(1, counts.GetProperty("requests").GetProperty("refusedByCode").GetProperty("21211").GetInt64());
        Assert.Equal(3, counts.GetProperty("byStatus").EnumerateObject().Sum(status => status.Value.GetInt64()));
    }

    [Fact]
    public async Task A_message_is_found_by_sid_by_recipient_and_by_the_callers_id()
    {
        var sid = (await _simulator.CreateAsync(more: ("StatusCallback", "http://127.0.0.1:1/?message=m1"))).GetProperty("sid").GetString();

        foreach (var query in new[] { "?to=%2B14155550101", "?messageId=m1" })
        {
            var found = await _simulator.Control.GetFromJsonAsync<JsonElement>("/_control/messages" + query);
            Assert.Equal(sid, found.GetProperty("messages")[0].GetProperty("sid").GetString());
        }
        var one = await _simulator.Control.GetFromJsonAsync<JsonElement>($"/_control/messages/{sid}");
        Assert.Equal(("m1", "Hi"), (one.GetProperty("messageId").GetString(), one.GetProperty("body").GetString()));
    }

    [Fact]
    public async Task The_ledger_is_read_line_by_line_from_any_place()
    {
        for (var i = 0; i < 3; i++)
            await _simulator.CreateAsync(body: $"Text {i}", more: ("StatusCallback", $"http://127.0.0.1:1/?message=m{i}"));

        var all = await _simulator.Control.GetStringAsync("/_control/ledger");
        var rest = await _simulator.Control.GetStringAsync("/_control/ledger?after=0&limit=1");
        Assert.Equal(["m0", "m1", "m2"], Ids(all));
        Assert.Equal(["m1"], Ids(rest));
    }

    [Fact]
    public async Task Arrivals_are_told_by_second_and_sender()
    {
        await _simulator.CreateAsync(from: "12345", body: new string('a', 161));
        await _simulator.CreateAsync(from: "54321");
        using var refused = await _simulator.PostAsync(("To", "+15005550001"), ("From", "12345"), ("Body", "Hi"));

        var arrivals = (await _simulator.Control.GetFromJsonAsync<JsonElement>("/_control/arrivals?sender=12345")).GetProperty("arrivals");
        Assert.Equal(1, arrivals.EnumerateArray().Sum(arrival => arrival.GetProperty("taken").GetInt32()));
        Assert.Equal(2, arrivals.EnumerateArray().Sum(arrival => arrival.GetProperty("segments").GetInt32()));
        Assert.Equal(1, arrivals.EnumerateArray().Sum(arrival => arrival.GetProperty("refused").GetInt32()));
    }

    [Fact]
    public async Task What_was_answered_is_in_a_copy_of_the_file_as_a_kill_would_leave_it()
    {
        var sids = new List<string>();
        for (var i = 0; i < 20; i++)
            sids.Add((await _simulator.CreateAsync(body: $"Text {i}")).GetProperty("sid").GetString()!);
        var copy = _path + ".killed";
        File.Copy(_path, copy);

        await using var restarted = await RunningSimulator.StartAsync(new TwilioSimulatorOptions { LedgerPath = copy });
        foreach (var sid in sids)
            Assert.Equal(sid, (await restarted.FetchAsync(sid)).GetProperty("sid").GetString());
        Assert.Equal(20, (await restarted.CountsAsync()).GetProperty("taken").GetInt64());
    }

    [Fact]
    public async Task An_account_that_was_added_is_known_after_a_restart()
    {
        const string added = "AC00000000000000000000000000000003";
        using var put = await _simulator.Control.PutAsync(
            $"/_control/accounts/{added}", Json("""{"authToken":"t","apiKeys":{"SK00000000000000000000000000000001":"s"}}"""));
        Assert.Equal(200, (int)put.StatusCode);
        var copy = _path + ".copy";
        File.Copy(_path, copy);

        await using var restarted = await RunningSimulator.StartAsync(new TwilioSimulatorOptions { LedgerPath = copy });
        using var client = restarted.Client("SK00000000000000000000000000000001", "s");
        using var response = await client.GetAsync($"/2010-04-01/Accounts/{added}.json");
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_reset_leaves_nothing_but_the_accounts()
    {
        var sid = (await _simulator.CreateAsync()).GetProperty("sid").GetString()!;
        await _simulator.SetAsync("""{"list":{"lagMs":5}}""");
        using var reset = await _simulator.Control.PostAsync("/_control/reset", null);
        Assert.Equal(204, (int)reset.StatusCode);

        Assert.Equal(0, (await _simulator.CountsAsync()).GetProperty("taken").GetInt64());
        using var gone = await _simulator.Api.GetAsync(RunningSimulator.MessagePath(sid));
        Assert.Equal(404, (int)gone.StatusCode);
        var knobs = await _simulator.Control.GetFromJsonAsync<JsonElement>("/_control/knobs");
        Assert.Equal(0, knobs.GetProperty("list").GetProperty("lagMs").GetDouble());
        await _simulator.CreateAsync();
    }

    [Theory]
    [InlineData("""{"from":"415","to":"12345","body":"Hi"}""", "from")]
    [InlineData("""{"from":"+14155550101","body":"Hi"}""", "to")]
    [InlineData("""{"from":"+14155550101","to":"12345"}""", "body")]
    [InlineData("""{"from":"+14155550101","to":"12345","body":"Hi","url":"nowhere"}""", "url")]
    [InlineData("""{"from":"+14155550101","to":"12345","body":"Hi","optOutType":"END"}""", "optOutType")]
    [InlineData("""{"from":"+14155550101","to":"12345","body":"Hi","text":"x"}""", "$.text")]
    [InlineData("{", "$")]
    public async Task A_wrong_inbound_text_is_refused_by_field(string json, string field)
    {
        using var response = await _simulator.Control.PostAsync("/_control/inbound", Json(json));

        Assert.Equal(400, (int)response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal(field, error.GetProperty("field").GetString());
    }

    private static List<string?> Ids(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("messageId").GetString())];

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
