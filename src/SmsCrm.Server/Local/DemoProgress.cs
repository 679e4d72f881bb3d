using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SmsCrm.Server.Local;

/// <summary>Shows the demo while it runs.</summary>
internal interface IDemoProgress
{
    /// <summary>Runs the watching, which calls its argument with each state of affairs.</summary>
    Task<DemoResult> ShowAsync(Func<Action<DemoCounts>, Task<DemoResult>> watch);
}

internal static class DemoProgress
{
    /// <summary>A live bar on a terminal, plain lines elsewhere.</summary>
    public static IDemoProgress For(TextWriter output, int messages) =>
        AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true } && !Console.IsOutputRedirected
            ? new LiveBar(AnsiConsole.Console, messages)
            : new PlainLines(output, messages);

    /// <summary>"612 of 1,000 delivered (delivered 612, sent 300, queued 88)".</summary>
    internal static string Line(DemoCounts counts, int messages) => string.Create(
        CultureInfo.InvariantCulture,
        $"{counts.Delivered:N0} of {messages:N0} delivered ({string.Join(", ", counts.ByState.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key} {count.Value:N0}")))})");
}

internal sealed class PlainLines(TextWriter output, int messages) : IDemoProgress
{
    private string _last = "";

    public Task<DemoResult> ShowAsync(Func<Action<DemoCounts>, Task<DemoResult>> watch) => watch(counts =>
    {
        var line = DemoProgress.Line(counts, messages);
        if (line != _last)
        {
            output.WriteLine(_last = line);
        }
    });
}

internal sealed class LiveBar(IAnsiConsole console, int messages) : IDemoProgress
{
    /// <summary>In the order of a message's way, so that the bar fills from the left.</summary>
    private static readonly (string State, Color Color)[] Segments =
    [
        ("read", Color.Green), ("delivered", Color.Green), ("undelivered", Color.Red), ("failed", Color.Red), ("rejected", Color.Maroon),
        ("cancelled", Color.Maroon), ("uncertain", Color.Fuchsia), ("unknown", Color.Purple), ("sent", Color.Aqua), ("taken", Color.Teal),
        ("claimed", Color.Blue), ("deferred", Color.Olive), ("queued", Color.Grey),
    ];

    public Task<DemoResult> ShowAsync(Func<Action<DemoCounts>, Task<DemoResult>> watch) =>
        console.Live(Picture(DemoCounts.None)).StartAsync(context => watch(counts => context.UpdateTarget(Picture(counts))));

    private IRenderable Picture(DemoCounts counts)
    {
        var chart = new BreakdownChart().Width(Math.Min(console.Profile.Width, 80)).UseValueFormatter((value, _) => value.ToString("N0", CultureInfo.InvariantCulture));
        foreach (var (state, color) in Segments)
        {
            if (counts.ByState.GetValueOrDefault(state) is var count and > 0)
            {
                chart.AddItem(state, count, color);
            }
        }

        if (messages - counts.Accepted is var missing and > 0)
        {
            chart.AddItem("on its way in", missing, Color.Silver);
        }

        var text = string.Create(CultureInfo.InvariantCulture, $"{counts.Delivered:N0} of {messages:N0} delivered");
        return new Rows(new Text(text), chart);
    }
}
