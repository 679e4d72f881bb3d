using SmsCrm.Pipeline.Messages;

namespace SmsCrm.UnitTests.Pipeline;

public sealed class BootClockTests
{
    [Fact]
    public void It_never_goes_back()
    {
        var first = BootClock.Instance.GetTimestamp();
        var second = BootClock.Instance.GetTimestamp();

        Assert.InRange(second, first, long.MaxValue);
        Assert.InRange(BootClock.Instance.GetElapsedTime(first), TimeSpan.Zero, TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void On_Linux_it_counts_from_the_boot_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "CLOCK_BOOTTIME is Linux's");
        var upSeconds = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

        Assert.InRange(BootClock.Instance.GetElapsedTime(0).TotalSeconds, upSeconds - 1, upSeconds + 60);
    }
}
