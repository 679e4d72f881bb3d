using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Storage;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>The links' room as a process has it, with no loop running.</summary>
internal static class LinkRoom
{
    public static ServiceProvider Create(string postgres, string redis, TimeProvider clock, params (string Setting, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["SmsCrm:Storage:Postgres"] = postgres,
            ["SmsCrm:Storage:Redis"] = redis,
            ["SmsCrm:Provider:PublicBaseUrl"] = "https://sms.example.com",

            // A busy machine is no store that is away.
            ["SmsCrm:Storage:RedisTimeoutMs"] = "10000",
            ["SmsCrm:Links:RedisTimeoutMs"] = "5000",
            ["SmsCrm:Links:LookupTimeoutMs"] = "5000",
        };
        foreach (var (setting, value) in settings)
        {
            all[setting] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(all).Build();
        return new ServiceCollection().AddLogging().AddSingleton(clock).AddSingleton<IConfiguration>(configuration).AddStorage(configuration).AddProvider().AddLinks()
            .BuildServiceProvider();
    }

    /// <summary>Another message's link. Redis keeps ends to the millisecond.</summary>
    public static ShortLink NewLink(DateTimeOffset expiresAt) => new(
        LinkCode.Draw(),
        new MessageId(Guid.CreateVersion7()),
        new TenantId(Guid.CreateVersion7()),
        "",
        "offer",
        LinkServer.Url,
        DateTimeOffset.FromUnixTimeMilliseconds(expiresAt.ToUnixTimeMilliseconds()));
}

/// <summary>Hits that a room counts as lost.</summary>
internal sealed class LostHits : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public LostHits(IServiceProvider room)
    {
        _listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name == "smscrm.links.hits.lost" && instrument.Meter.Scope == room.GetRequiredService<IMeterFactory>())
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, measured, _, _) => Interlocked.Add(ref _count, measured));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
