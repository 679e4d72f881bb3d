using System.Diagnostics.Metrics;

namespace SmsCrm.TestKit;

/// <summary>Meters of one test alone: it is their <see cref="Meter.Scope"/>, by which a listener tells them from those of tests beside it.</summary>
public sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _made = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _made.Add(meter);
        return meter;
    }

    public void Dispose() => _made.ForEach(static meter => meter.Dispose());
}
