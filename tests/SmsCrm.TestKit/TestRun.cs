using System.Globalization;
using Xunit;

namespace SmsCrm.TestKit;

/// <summary>What the environment may tell a test, and what a test tells whoever reads its output.</summary>
public static class TestRun
{
    private const string SeedName = "SMSCRM_TEST_SEED";

    /// <summary>Of what a test draws: SMSCRM_TEST_SEED, else one of its own. Said in the output, so that the same can be drawn again.</summary>
    /// <param name="otherwise">For a test that draws the same every time unless it is told to draw other things.</param>
    public static int Seed(int? otherwise = null)
    {
        var seed = Setting(SeedName, otherwise ?? Random.Shared.Next());
        Say($"seed ({SeedName}): {seed.ToString(CultureInfo.InvariantCulture)}");
        return seed;
    }

    /// <summary>A whole number, not negative, from the environment.</summary>
    public static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : otherwise;

    public static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
