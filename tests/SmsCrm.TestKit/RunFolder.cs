using System.Globalization;
using System.Reflection;
using SmsCrm.Server.Local;

namespace SmsCrm.TestKit;

/// <summary>
/// The folder of this test process under <c>.local/tests</c>, named by the assembly and our process id. On first use
/// it ends the servers of test processes that are gone (killed) and deletes their folders.
/// </summary>
public static class RunFolder
{
    private static readonly Lazy<Task<string>> Made = new(MakeAsync);
    private static int _number;

    /// <summary>A new folder of its own below it.</summary>
    public static async Task<string> NewAsync(string name)
    {
        var number = Interlocked.Increment(ref _number);
        var folder = Path.Combine(await Made.Value.ConfigureAwait(false), string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
        return Directory.CreateDirectory(folder).FullName;
    }

    private static async Task<string> MakeAsync()
    {
        var assembly = Assembly.GetEntryAssembly()?.GetName().Name ?? "tests";
        var all = Path.Combine(Checkout.LocalFolder, "tests");
        Directory.CreateDirectory(all);
        foreach (var folder in Directory.EnumerateDirectories(all).ToList())
        {
            await SweepAsync(folder).ConfigureAwait(false);
        }

        var own = Path.Combine(all, string.Create(CultureInfo.InvariantCulture, $"{assembly}-{Environment.ProcessId}"));
        return Directory.CreateDirectory(own).FullName;
    }

    private static async Task SweepAsync(string folder)
    {
        var name = Path.GetFileName(folder);
        var dash = name.LastIndexOf('-');
        var owner = dash > 0 && int.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
        if (owner == 0 || (owner != Environment.ProcessId && ProcessTable.IsOurs(owner, name[..dash])))
        {
            return;
        }

        await Leftovers.EndUnderAsync(folder, CancellationToken.None).ConfigureAwait(false);
        Leftovers.Delete(folder);
    }
}
