using System.Globalization;

namespace SmsCrm.LoadTests.Measuring;

/// <summary>A page of metrics in Prometheus' text format: each sample under its name with its labels, as the page writes them.</summary>
internal sealed class MetricsPage
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private MetricsPage()
    {
    }

    public static MetricsPage Parse(string text)
    {
        var page = new MetricsPage();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#'))
        {
            // Labels may hold spaces; a time may follow the value.
            var end = line.LastIndexOf('}') is var brace and >= 0 ? brace + 1 : line.IndexOf(' ', StringComparison.Ordinal);
            var value = line[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            page._samples[line[..end]] = double.Parse(value, CultureInfo.InvariantCulture);
        }

        return page;
    }

    /// <summary>The sum of a counter's samples whose labels hold all of <paramref name="labels"/>, such as <c>source="redis"</c>; 0 where there is none.</summary>
    public double Sum(string name, params string[] labels) => _samples
        .Where(sample => sample.Key.Split('{')[0] == name && labels.All(label => sample.Key.Contains(label, StringComparison.Ordinal)))
        .Sum(static sample => sample.Value);
}
