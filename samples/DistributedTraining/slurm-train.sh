#!/bin/bash
#SBATCH --job-name=pretrain
#SBATCH --ntasks=2
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=INT@120
#SBATCH --output=pretrain.log
# Each task is a rank with a share of every step's batches: --accumulate is a multiple of their number. One thread a rank is what
# was measured. Two minutes before its time is over the run saves itself and ends; --continue goes on with it.
exec srun --mpi=pmix --kill-on-bad-exit ${CCLM:-cclm} pretrain char-mask --corpus 'data/*.jsonl.gz' --model model --continue \
    --steps "${STEPS:-20000}" --accumulate 2 --threads 1 --mpi
