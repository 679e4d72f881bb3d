using System.Globalization;

namespace SmsCrm.Server.Local;

/// <summary>What a local run says when the demo is over.</summary>
internal static class RunReport
{
    public static void Print(TextWriter output, LocalSystem system, DemoCampaign demo, DemoResult result, string key)
    {
        output.WriteLine();
        output.WriteLine($"Campaign {demo.CampaignId}, by the report API:");
        foreach (var (state, count) in result.Counts.ByState)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {state,-12} {count,9:N0}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Counts.Delivered:N0} of {result.Messages:N0} delivered"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"It took {result.Took.TotalSeconds:0.0} s from the first request to the last receipt{(result.IsComplete ? "" : "; the rest did not come to that end, see the logs")}"));
        output.WriteLine();
        Address(output, "REST, docs", $"{system.HttpAddress}docs");
        Address(output, "gRPC (h2c)", system.GrpcAddress.Authority);
        Address(output, "metrics", $"{system.MetricsAddress}metrics");
        Address(output, "health", $"{system.MetricsAddress}health/ready");
        Address(output, "simulator", system.SimulatorAddress.ToString());
        Address(output, "Postgres", system.Postgres is null ? "yours" : $"psql -h 127.0.0.1 -p {system.Ports.Postgres} -U smscrm smscrm");
        Address(output, "logs", system.LogFolder);
        Address(output, "demo key", key);
        output.WriteLine();
    }

    private static void Address(TextWriter output, string name, string value) => output.WriteLine($"  {name,-11} {value}");
}
