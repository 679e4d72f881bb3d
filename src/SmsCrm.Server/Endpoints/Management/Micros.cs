namespace SmsCrm.Server.Endpoints.Management;

/// <summary>Money as it is kept: whole millionths of the currency's unit.</summary>
internal static class Micros
{
    private const decimal PerUnit = 1_000_000m;

    /// <summary>What a segment may cost at most.</summary>
    public const decimal MostRate = 100;

    /// <summary>The highest limit of a budget.</summary>
    public const decimal MostLimit = 1_000_000_000;

    /// <summary>False for what is negative, more than <paramref name="most"/>, or finer than a millionth, which would silently become another amount.</summary>
    public static bool TryOf(decimal units, decimal most, out long micros)
    {
        micros = 0;
        if (units < 0 || units > most || units * PerUnit != decimal.Truncate(units * PerUnit))
        {
            return false;
        }

        micros = (long)(units * PerUnit);
        return true;
    }

    /// <summary>What is wrong with it, and the remedy.</summary>
    public static string Refusal(string name, decimal units, decimal most) =>
        FormattableString.Invariant($"{name} is {units}: it must be from 0 to {most:N0}, with up to six decimals.");
}
