using System.Runtime.CompilerServices;

namespace SmsCrm.TestKit;

/// <summary>Polls what other processes bring about, until a deadline. The default of a minute is for a busy machine, not a claim.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Until <paramref name="condition"/> is true.</summary>
    /// <exception cref="TimeoutException">It is still false at the deadline.</exception>
    public static Task TrueAsync(
        Func<Task<bool>> condition,
        TimeSpan? deadline = null,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
        PassesAsync(
            async () =>
            {
                if (!await condition())
                {
                    throw new TimeoutException($"still false: {what}");
                }
            },
            deadline);

    /// <summary>Until <paramref name="condition"/> is true.</summary>
    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), deadline, what);

    /// <summary>Until <paramref name="read"/> gives <paramref name="expected"/>.</summary>
    /// <exception cref="TimeoutException">With the value that it last gave.</exception>
    public static Task EqualAsync<T>(
        T expected, Func<Task<T>> read, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(read))] string what = "") =>
        PassesAsync(
            async () =>
            {
                var actual = await read();
                if (!EqualityComparer<T>.Default.Equals(expected, actual))
                {
                    throw new TimeoutException($"{what} is {actual}, expected {expected}");
                }
            },
            deadline);

    /// <summary>Until <paramref name="assertions"/> throw nothing; at the deadline their last exception comes out.</summary>
    public static async Task PassesAsync(Func<Task> assertions, TimeSpan? deadline = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await assertions();
                return;
            }
            catch (Exception) when (TimeProvider.System.GetElapsedTime(started) < (deadline ?? DefaultDeadline))
            {
                await Task.Delay(Pause);
            }
        }
    }
}
