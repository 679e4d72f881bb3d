using System.Runtime.InteropServices;

namespace SmsCrm.Pipeline.Messages;

/// <summary>
/// A stopwatch that goes on while the machine is suspended: <see cref="TimeProvider.GetTimestamp"/> is CLOCK_BOOTTIME on
/// Linux, the usual stopwatch elsewhere. What facts say may be acted on for 2 s by this clock, so a worker that was put to
/// sleep between its facts and its POST finds them too old. Times of day and timers are the system's.
/// </summary>
public sealed partial class BootClock : TimeProvider
{
    private const int ClockBootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly bool CountsSuspendedTime = OperatingSystem.IsLinux();

    private BootClock()
    {
    }

    public static BootClock Instance { get; } = new();

    public override long TimestampFrequency => CountsSuspendedTime ? NanosecondsPerSecond : base.TimestampFrequency;

    public override long GetTimestamp()
    {
        if (!CountsSuspendedTime)
        {
            return base.GetTimestamp();
        }

        return ReadClock(ClockBootTime, out var now) == 0
            ? (now.Seconds * NanosecondsPerSecond) + now.Nanoseconds
            : throw new InvalidOperationException("The system has no CLOCK_BOOTTIME (Linux 2.6.39 or newer has it)");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec now);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
