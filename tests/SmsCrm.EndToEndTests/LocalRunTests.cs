using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using SmsCrm.Server.Local;
using SmsCrm.Streams.LocalBrokers;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>The command that <c>./build.sh run</c> becomes, as a developer meets it: its real process, and what it prints.</summary>
[Collection(nameof(Alone))]
public sealed class LocalRunTests
{
    private const string Up = "Up until Ctrl-C.";

    [Fact]
    public async Task Ctrl_C_loses_nothing_and_the_next_run_goes_on_with_the_data_of_the_first()
    {
        const int Texts = 300;
        var folder = await RunFolder.NewAsync("run");
        await using var first = await RunningCommand.StartAsync(folder);
        await first.WaitForAsync(Up);
        await SendAsync(first, Texts);

        first.Interrupt();
        Assert.Equal(0, await first.ExitAsync());
        Assert.EndsWith("Stopped.", (await first.OutputAsync()).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, await Leftovers.EndUnderAsync(folder, TestContext.Current.CancellationToken));

        await using var second = await RunningCommand.StartAsync(folder);
        await second.WaitForAsync(Up);
        await Eventually.PassesAsync(
            async () =>
            {
                var summary = await second.ReportAsync("interrupted");
                Assert.Equal((Texts, Texts), (summary.GetProperty("accepted").GetInt32(), summary.GetProperty("balance").GetProperty("sent").GetInt32()));
            },
            TimeSpan.FromMinutes(2));
        second.Interrupt();
        Assert.Equal(0, await second.ExitAsync());
    }

    private static async Task SendAsync(RunningCommand run, int texts)
    {
        using var http = await run.ApiAsync();
        using var answer = await http.PostAsJsonAsync("/v1/messages/batch", new
        {
            messages = Enumerable.Range(0, texts).Select(n => new
            {
                to = string.Create(CultureInfo.InvariantCulture, $"+1212{5550000 + n}"),
                body = string.Create(CultureInfo.InvariantCulture, $"Text {n} before Ctrl-C"),
                purpose = "transactional",
                campaign_id = "interrupted",
            }),
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    internal sealed class RunningCommand : IAsyncDisposable
    {
        private readonly string _folder;
        private readonly int _port;
        private readonly string _log;
        private readonly ChildProcess _process;

        private RunningCommand(string folder, int port, string log, ChildProcess process) =>
            (_folder, _port, _log, _process) = (folder, port, log, process);

        public static async Task<RunningCommand> StartAsync(string folder, string[]? more = null, params (string Name, string Value)[] settings)
        {
            var port = PrivatePorts.NextBlock(LocalPorts.Count);
            var log = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"run-{port}.log"));
            var program = new ServerProgram(Checkout.ServerProgram);
            string[] command =
            [
                "local", "run", "--folder", folder, "--demo", "200", "--first-port", port.ToString(CultureInfo.InvariantCulture), .. more ?? [],
            ];
            string[] line = [.. HeedsInterrupts, program.File, .. program.Arguments(command)];
            var process = await ChildProcess.StartAsync(
                new ChildProcessOptions("run", line[0], line[1..], folder, log, Path.Combine(folder, "command.pid"))
                {
                    Environment = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
                },
                TestContext.Current.CancellationToken);
            return new RunningCommand(folder, port, log, process);
        }

        /// <summary>Whatever a script starts with <c>&amp;</c> ignores SIGINT, and so would all that it starts: these tests in the background.</summary>
        private static string[] HeedsInterrupts => OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];

        public Task WaitForAsync(string line) => Eventually.PassesAsync(
            async () =>
            {
                Assert.False(_process.HasExited, await OutputAsync());
                Assert.Contains(line, await OutputAsync(), StringComparison.Ordinal);
            },
            TimeSpan.FromMinutes(3));

        public void Interrupt() => _process.Interrupt();

        public async Task<int?> ExitAsync()
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
            return _process.ExitCode;
        }

        public async Task<string> OutputAsync()
        {
            await using var file = new FileStream(_log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return await reader.ReadToEndAsync();
        }

        public async Task<HttpClient> ApiAsync()
        {
            var key = (await File.ReadAllTextAsync(Path.Combine(_folder, "run", "demo-key"))).Trim();
            return new HttpClient
            {
                BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}")),
                DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
            };
        }

        public async Task<JsonElement> ReportAsync(string campaign)
        {
            using var http = await ApiAsync();
            return await http.GetFromJsonAsync<JsonElement>($"/v1/reports/summary?campaign_id={campaign}");
        }

        public ValueTask DisposeAsync() => _process.DisposeAsync();
    }
}

/// <summary>With a Kafka that is not ours to start.</summary>
[Collection(nameof(Alone))]
public sealed class LocalRunTests_on_a_real_broker
{
    [Fact]
    public async Task With_a_Kafka_of_somebody_else_it_ends_with_everything_delivered()
    {
        Assert.SkipUnless(KafkaHome.IsSet, KafkaHome.WhyNot);
        await using var broker = await ManagedKafka.StartAsync(new ManagedKafkaOptions
        {
            KafkaHome = KafkaHome.Folder,
            Folder = await RunFolder.NewAsync("external-kafka"),
            Port = PrivatePorts.Next(),
            ControllerPort = PrivatePorts.Next(),
        });
        await using var run = await LocalRunTests.RunningCommand.StartAsync(
            await RunFolder.NewAsync("run"), ["--kafka", "external", "--exit"], ("SmsCrm__Kafka__BootstrapServers", broker.Address));

        Assert.True(await run.ExitAsync() == 0, await run.OutputAsync());

        var output = await run.OutputAsync();
        Assert.Contains($"{broker.Address} (external)", output, StringComparison.Ordinal);
        Assert.Contains("200 of 200 delivered", output, StringComparison.Ordinal);
    }
}
