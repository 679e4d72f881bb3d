namespace SmsCrm.UnitTests.Pipeline.Gates.QuietHours;

/// <summary>This process in another time zone, until it is disposed. Its tests run one after another, and no others beside them.</summary>
[CollectionDefinition(nameof(ServerZone), DisableParallelization = true)]
public sealed class ServerZone : IDisposable
{
    private readonly string? _before = Environment.GetEnvironmentVariable("TZ");

    public ServerZone(string zone)
    {
        Set(zone);
        Assert.Equal(TimeZoneInfo.FindSystemTimeZoneById(zone).BaseUtcOffset, TimeZoneInfo.Local.BaseUtcOffset);
    }

    public void Dispose() => Set(_before);

    private static void Set(string? zone)
    {
        Environment.SetEnvironmentVariable("TZ", zone);
        TimeZoneInfo.ClearCachedData();
    }
}
