using System.Diagnostics.Metrics;

namespace SmsCrm.TestKit;

/// <summary>What an observable gauge tells when it is asked.</summary>
public static class Gauge
{
    /// <summary>Of the one instrument of that name among these meters: its value, and its tags as <c>name=value</c> in their order, with spaces between.</summary>
    public static (double Value, string Tags) Read(IMeterFactory meters, string name)
    {
        List<(double, string)> told = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name == name && instrument.Meter.Scope == meters)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>(
            (_, measured, tags, _) => told.Add((measured, string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}")))));
        listener.Start();
        listener.RecordObservableInstruments();
        return told.Single();
    }
}
