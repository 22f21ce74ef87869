namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// Logarithm and exponential from +, -, * and / alone, which IEEE 754 rounds the same way everywhere: their last bit
/// does not depend on the processor or the C library. Accurate to about 1e-15; for tables, not for speed.
/// </summary>
internal static class ExactMath
{
    private const double Ln2 = 0.693147180559945309417;

    /// <summary>Natural logarithm of a number of at least 1.</summary>
    public static double Ln(double x)
    {
        int halvings = 0;
        while (x >= 1.5)
        {
            x *= 0.5;
            halvings++;
        }

        // x is in [0.75, 1.5), so t is in [-1/7, 1/5]: 2 (t + t^3/3 + t^5/5 + ...) gains 1.4 digits a term.
        double t = (x - 1) / (x + 1);
        double square = t * t;
        double sum = 0;
        for (int n = 29; n >= 1; n -= 2)
            sum = (sum * square) + (1.0 / n);
        return (2 * t * sum) + (halvings * Ln2);
    }

    /// <summary>e to the power of -<paramref name="y"/>, for y from 0 to 700.</summary>
    public static double ExpNegative(double y)
    {
        int halvings = (int)(y / Ln2);
        double r = y - (halvings * Ln2);
        double sum = 1;
        for (int n = 22; n >= 1; n--)
            sum = 1 - (r / n * sum);
        while (halvings-- > 0)
            sum *= 0.5;
        return sum;
    }
}
