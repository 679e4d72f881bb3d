using Microsoft.Extensions.Configuration;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class IngestOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.True(Validate(new IngestOptions()).Succeeded);

    [Fact]
    public void Every_error_is_reported_at_once_with_setting_value_and_range()
    {
        var options = new IngestOptions { MaxInFlight = 1, StreamWindow = 0, RecorderDelayMs = -1 };

        Assert.Equal(
            [
                "SmsCrm:Ingest:MaxInFlight is 1: it must be from 100 to 1000000.",
                "SmsCrm:Ingest:StreamWindow is 0: it must be from 1 to 100000.",
                "SmsCrm:Ingest:RecorderDelayMs is -1: it must be from 0 to 60000.",
            ],
            Validate(options).Failures);
    }

    [Fact]
    public void Fewer_are_accepted_at_once_than_the_producer_holds() => Assert.Equal(
        ["SmsCrm:Ingest:MaxInFlight is 50000: it must be below SmsCrm:Kafka:MaxQueuedRecords, 10000."], Validate(new IngestOptions(), "10000").Failures);

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(IngestOptions options, string? queued = null) =>
        new IngestOptionsValidator(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["SmsCrm:Kafka:MaxQueuedRecords"] = queued }).Build()).Validate(null, options);
}
