using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>The simulator as a process of its own, killed while it takes messages.</summary>
public sealed class KilledSimulatorTests : IAsyncLifetime
{
    private readonly int _port = PrivatePorts.Next();
    private readonly HttpClient _api = new();
    private CallbackReceiver _receiver = null!;
    private string _ledger = "";
    private Process? _process;

    public async ValueTask InitializeAsync()
    {
        _receiver = await CallbackReceiver.StartAsync();
        _ledger = Path.Combine(await RunFolder.NewAsync("simulator"), "ledger");
        _api.BaseAddress = new Uri($"http://127.0.0.1:{_port}");
        _api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SimulatedAccount.DemoSid}:{SimulatedAccount.DemoAuthToken}")));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _api.Dispose();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Every_message_that_was_answered_is_known_after_a_kill_and_each_is_called_back_to_its_end()
    {
        await StartAsync();
        var answered = new ConcurrentBag<string>();
        var sending = Enumerable.Range(0, 8).Select(lane => SendUntilGoneAsync(lane, answered)).ToArray();
        await Eventually.TrueAsync(() => answered.Count > 300);
        await KillAsync();
        await Task.WhenAll(sending);

        await StartAsync();
        foreach (var sid in answered)
            Assert.Equal(sid, (await _api.GetFromJsonAsync<JsonElement>(RunningSimulator.MessagePath(sid))).GetProperty("sid").GetString());
        await Eventually.PassesAsync(async () =>
        {
            var counts = await _api.GetFromJsonAsync<JsonElement>("/_control/counts");
            Assert.True(counts.GetProperty("taken").GetInt32() >= answered.Count);
            Assert.Equal(counts.GetProperty("taken").GetInt32(), counts.GetProperty("byStatus").GetProperty("delivered").GetInt32());
            var delivered = _receiver.Received
                .Where(callback => callback.Form["MessageStatus"] == "delivered")
                .Select(callback => callback.Form["MessageSid"]);
            Assert.Equal(counts.GetProperty("taken").GetInt32(), delivered.Distinct().Count());
        });
        var repeated = await _api.GetFromJsonAsync<JsonElement>("/_control/counts");
        Assert.Equal(0, repeated.GetProperty("duplicatesByMessageId").GetProperty("count").GetInt32());
    }

    private async Task SendUntilGoneAsync(int lane, ConcurrentBag<string> answered)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                using var response = await _api.PostAsync(RunningSimulator.Messages, RunningSimulator.Form(
                    ("To", $"+1415555{lane:D4}"), ("From", "12345"), ("Body", $"Text {i}"),
                    ("StatusCallback", $"{_receiver.Url}?message={lane}-{i}#rc=3&rp=5xx,ct,rt")));
                Assert.Equal(201, (int)response.StatusCode);
                answered.Add((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("sid").GetString()!);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return;
            }
        }
    }

    private async Task StartAsync()
    {
        var knobs = _ledger + ".knobs.json";
        await File.WriteAllTextAsync(knobs, """{"rates":{"shortCode":100000}}""");
        _process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [Checkout.ServerProgram, "simulate-twilio", "--port", _port.ToString(), "--ledger", _ledger, "--knobs", knobs])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await _api.GetAsync("/_control/counts")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                Assert.False(_process.HasExited);
                return false;
            }
        });
    }

    private async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }
}
