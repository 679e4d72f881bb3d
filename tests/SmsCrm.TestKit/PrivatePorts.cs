using System.Collections.Concurrent;
using System.Globalization;
using SmsCrm.Server.Local;

namespace SmsCrm.TestKit;

/// <summary>
/// Free loopback ports for the servers of tests: below 32768, where the system's own outgoing ports begin. The range
/// is 20000-31999, or SMSCRM_TEST_PORTS as "first-last".
/// </summary>
public static class PrivatePorts
{
    private static readonly ConcurrentDictionary<int, bool> HandedOut = new();
    private static readonly (int First, int Last) Range = ReadRange();

    /// <summary>A port that nobody listens on and that this process has not given out before.</summary>
    public static int Next() => NextBlock(1);

    /// <summary>The first of so many in a row.</summary>
    public static int NextBlock(int count)
    {
        // Drawn, not counted up: the other test programs of the same run draw from the range too. What was handed out is not looked at, for that
        // listens for a moment: its owner may be binding it just then.
        for (var attempt = 0; attempt < 10_000; attempt++)
        {
            var first = Random.Shared.Next(Range.First, Range.Last + 2 - count);
            if (Enumerable.Range(first, count).All(port => HandedOut.TryAdd(port, true) && PortCheck.IsFree(port)))
            {
                return first;
            }
        }

        throw new InvalidOperationException($"No free port between {Range.First} and {Range.Last} (SMSCRM_TEST_PORTS)");
    }

    private static (int First, int Last) ReadRange()
    {
        var setting = Environment.GetEnvironmentVariable("SMSCRM_TEST_PORTS");
        var bounds = (setting ?? "20000-31999").Split('-');
        return bounds.Length == 2
            && int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(bounds[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first is > 1023 && last is < 65536 && first <= last
            ? (first, last)
            : throw new InvalidOperationException($"SMSCRM_TEST_PORTS is '{setting}'; it must be 'first-last' within 1024-65535");
    }
}
