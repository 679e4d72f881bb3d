using System.CommandLine;
using System.Globalization;
using SmsCrm.LoadTests.Links;
using SmsCrm.LoadTests.Reports;
using SmsCrm.LoadTests.Scenarios;
using SmsCrm.LoadTests.Webhooks;
using SmsCrm.Server.Local;

namespace SmsCrm.LoadTests;

/// <summary>What <c>./build.sh loadtest</c> takes.</summary>
internal sealed class LoadOptions
{
    private const int MostPerTenant = Crm.Webhooks.WebhookStore.MostPerTenant;
    private static readonly int[] LinkRates = [500, 1_000, 2_000, 4_000];
    private const int WebhookRate = 200;

    public LoadOptions()
    {
        Scenario.AcceptOnlyFromAmong(
            ScenarioRunner.Pipeline, ScenarioRunner.IngestGrpc, ScenarioRunner.IngestRest, ScenarioRunner.Fairness, ReportsRun.Scenario, WebhooksRun.Scenario, LinksRun.Scenario);
        Rates.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int[]>()?.Any(rate => rate is < 1 or > 100_000) == true)
            {
                result.AddError("--rate must be from 1 to 100000");
            }
        });
        Command = new("Measures the system on this machine: open model, latency from the intended time, CPU a message by process.")
        {
            Scenario, Rates, Duration, Kafka, Seed, Streams, WarmUp, Messages, Verify, Tenants, Endpoints, Hanging, Failing, Rounds, IngestRate, QueuedHits, Output,
        };
    }

    public RootCommand Command { get; }

    public Option<string> Scenario { get; } = new("--scenario") { Description = "What to measure.", Required = true };

    public Option<int[]> Rates { get; } = new("--rate")
    {
        Description = "Messages a second, 1 to 100,000; several, separated by spaces, run one after the other on one system. With webhooks deliveries a second "
            + "(one rate, default 200), with links requests for links (default 500 1000 2000 4000). Reports have none; the others need it.",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<int> Duration { get; } = Number("--duration", "Seconds that load is offered, with webhooks and links in each part", 60, 1, 86_400);

    public Option<KafkaKind> Kafka { get; } = new("--kafka") { Description = "Which broker.", DefaultValueFactory = _ => KafkaKind.Embedded };

    public Option<int> Seed { get; } = new("--seed") { Description = "What the arrival times are drawn from.", DefaultValueFactory = _ => 1 };

    public Option<int> Streams { get; } = Number("--streams", "gRPC streams (or sixteenths of the HTTP connections) that offer the load", 4, 1, 64);

    public Option<int> WarmUp { get; } = Number("--warm-up", "Seconds at half the first rate (with webhooks and links at that rate) before anything is measured", 40, 1, 600);

    public Option<long> Messages { get; } = Number("--messages", "With reports: messages that are filled in", 10_000_000L, 10_000, 1_000_000_000);

    public Option<bool> Verify { get; } = new("--verify") { Description = "With reports: recounts everything at the end, as smscrm replay does, and says how long that took." };

    public Option<int> Tenants { get; } = Number("--tenants", "With webhooks: tenants; the k-th has a share of 1/k of the events", 500, 1, 5_000);

    public Option<int> Endpoints { get; } = Number("--endpoints", "With webhooks: endpoints of all tenants, a multiple of theirs", 5_000, 1, 50_000);

    public Option<int> Hanging { get; } = Number("--hanging", "With webhooks: endpoints that never answer in the bad phases", 50, 0, 5_000);

    public Option<int> Failing { get; } = Number("--failing", "With webhooks: endpoints that answer 500 in the bad phases", 50, 0, 5_000);

    public Option<int> Rounds { get; } = Number("--rounds", "With webhooks: bad phases, each between two good ones", 1, 1, 20);

    public Option<int> IngestRate { get; } = Number("--ingest-rate", "With links: texts a second, with and without a link", 1_000, 1, 100_000);

    public Option<int> QueuedHits { get; } = Number("--queued-hits", "With links: SmsCrm:Links:QueuedHits, which the last part exceeds", 100_000, 100, 10_000_000);

    public Option<string> Output { get; } = new("--out") { Description = "Folder of the JSON results.", DefaultValueFactory = _ => Path.Combine("loadtests", "results") };

    /// <summary>What options say together, once each is right by itself; null: nothing is wrong. Defaults are not known to validators.</summary>
    public string? ErrorOf(ParseResult parsed)
    {
        if (parsed.GetValue(Scenario) is not (ReportsRun.Scenario or WebhooksRun.Scenario or LinksRun.Scenario) && parsed.GetValue(Rates) is not { Length: > 0 })
        {
            return "--rate is needed";
        }

        var (tenants, endpoints, bad) = (parsed.GetValue(Tenants), parsed.GetValue(Endpoints), parsed.GetValue(Hanging) + parsed.GetValue(Failing));
        return endpoints % tenants != 0 || endpoints / tenants > MostPerTenant
            ? $"--endpoints is {endpoints}; it must be a multiple of --tenants ({tenants}) and up to {MostPerTenant} times it"
            : bad >= endpoints ? $"--hanging and --failing are together {bad}; they must be fewer than --endpoints ({endpoints})"
            : null;
    }

    public string BrokerOf(ParseResult parsed) => parsed.GetValue(Kafka).ToString().ToLowerInvariant();

    public WebhooksSettings WebhooksOf(ParseResult parsed) => new(
        new WebhooksPlan(parsed.GetValue(Tenants), parsed.GetValue(Endpoints), parsed.GetValue(Hanging), parsed.GetValue(Failing)),
        parsed.GetValue(Rates) is [var rate, ..] ? rate : WebhookRate,
        TimeSpan.FromSeconds(parsed.GetValue(Duration)),
        TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
        parsed.GetValue(Rounds),
        parsed.GetValue(Seed),
        BrokerOf(parsed));

    public LinksSettings LinksOf(ParseResult parsed) => new(
        parsed.GetValue(Rates) is { Length: > 0 } rates ? rates : LinkRates,
        parsed.GetValue(IngestRate),
        TimeSpan.FromSeconds(parsed.GetValue(Duration)),
        TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
        parsed.GetValue(QueuedHits),
        parsed.GetValue(Seed),
        parsed.GetValue(Streams),
        BrokerOf(parsed));

    public LoadRun RunOf(ParseResult parsed, int rate, int seconds) => new(
        parsed.GetValue(Scenario)!, rate, TimeSpan.FromSeconds(seconds), parsed.GetValue(Seed), parsed.GetValue(Streams), BrokerOf(parsed));

    private static Option<T> Number<T>(string name, string description, T usual, T least, T most)
        where T : struct, IComparable<T>, IFormattable
    {
        var option = new Option<T>(name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description}, {least:N0} to {most:N0}."),
            DefaultValueFactory = _ => usual,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is var value && (value.CompareTo(least) < 0 || value.CompareTo(most) > 0))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be from {least} to {most}"));
            }
        });
        return option;
    }
}
