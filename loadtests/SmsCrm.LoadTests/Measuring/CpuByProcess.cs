using System.Globalization;

namespace SmsCrm.LoadTests.Measuring;

/// <summary>
/// CPU time by process, read from <c>/proc</c> (user + system, children that live included), so that Postgres' backends count as Postgres.
/// On a machine without <c>/proc</c> nothing is reported.
/// </summary>
internal sealed class CpuByProcess(IReadOnlyList<(string Name, int Pid)> roots)
{
    /// <summary>The kernel's clock ticks a second; 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private Dictionary<string, double> _before = [];

    public void Start() => _before = Read();

    /// <summary>CPU seconds since <see cref="Start"/>, by name.</summary>
    public IReadOnlyDictionary<string, double> Stop()
    {
        var after = Read();
        return after.ToDictionary(entry => entry.Key, entry => Math.Round(entry.Value - _before.GetValueOrDefault(entry.Key), 2));
    }

    /// <summary>The same as microseconds for each of <paramref name="count"/>.</summary>
    public IReadOnlyDictionary<string, double> MicrosecondsPer(long count) => Per(Stop(), count);

    /// <summary>CPU seconds as microseconds for each of <paramref name="count"/>; 0 where there is none.</summary>
    public static IReadOnlyDictionary<string, double> Per(IReadOnlyDictionary<string, double> seconds, long count) =>
        seconds.ToDictionary(static entry => entry.Key, entry => count == 0 ? 0 : Math.Round(entry.Value * 1e6 / count, 1));

    private Dictionary<string, double> Read()
    {
        if (!Directory.Exists("/proc/self"))
        {
            return [];
        }

        var processes = new Dictionary<int, (int Parent, double Seconds)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && TryReadStat(folder) is { } stat)
            {
                processes[pid] = stat;
            }
        }

        return roots.ToDictionary(root => root.Name, root => SumOfTree(root.Pid, processes));
    }

    /// <summary>With its children, but for those that are listed by a name of their own (the load's process starts the others).</summary>
    private double SumOfTree(int root, Dictionary<int, (int Parent, double Seconds)> processes) =>
        processes.TryGetValue(root, out var own)
            ? own.Seconds + processes.Where(p => p.Value.Parent == root && roots.All(other => other.Pid != p.Key)).Sum(p => SumOfTree(p.Key, processes))
            : 0;

    private static (int Parent, double Seconds)? TryReadStat(string folder)
    {
        try
        {
            // The name in parentheses may hold spaces: fields are counted after the last one. Children that ended are not counted.
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = fields[11..13].Sum(field => double.Parse(field, CultureInfo.InvariantCulture));
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), ticks / TicksPerSecond);
        }
        catch (IOException)
        {
            // The process ended between the listing and the read.
            return null;
        }
    }
}
